import type { KubeObject } from '../../../src/kube/object/kube-object.ts'
import { nodes } from '../../../src/kube/object/resource.ts'
import { cgroupVersion } from '../kernel.ts'
import type { Machine } from '../machine.ts'
import type { Screen } from '../screen.ts'

export interface Node extends KubeObject {
  readonly status: {
    readonly allocatable: Readonly<Record<string, string>>
    readonly nodeInfo: Readonly<Record<string, string>>
  }
}

/** Shows what was started. */
export async function openMachine({ client, nodeName }: Machine, screen: Screen): Promise<void> {
  const { status } = (await client.get(nodes, { name: nodeName })) as Node
  const { allocatable, nodeInfo } = status
  screen.line()
  screen.table([
    ['NODE', 'CPU', 'MEMORY', 'RUNTIME', 'KERNEL', 'CGROUPS'],
    [
      nodeName,
      allocatable['cpu'] ?? '',
      allocatable['memory'] ?? '',
      nodeInfo['containerRuntimeVersion'] ?? '',
      nodeInfo['kernelVersion'] ?? '',
      cgroupVersion,
    ],
  ])
}
