import { availableParallelism, freemem, hostname, networkInterfaces, totalmem } from 'node:os'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import type { Pod } from '../../domain/pod.ts'
import { bytesQuantity } from '../../domain/quantity/quantity.ts'
import { bytes } from '../../domain/units.ts'
import type { CgroupLook, WholeMachine } from '../../operate/cgroups/cgroup-look.ts'

/** This machine's own names: what a node here may be called, and its addresses. */
export function ownNames(): ReadonlySet<string> {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return new Set([hostname().toLowerCase(), ...addresses.map(({ address }) => address)])
}

/** Whether the pod's node is this machine, as far as its name and address tell. */
export function isHere(
  { spec: { nodeName = '' }, status }: Pod,
  own: ReadonlySet<string>,
): boolean {
  return own.has(nodeName) || (status?.hostIP !== undefined && own.has(status.hostIP))
}

/** Why a pod without a cgroup here has none: the node's name and address tell. */
function whyUnseen(pod: Pod, { mount }: CgroupTree, own: ReadonlySet<string>): string {
  const { nodeName } = pod.spec
  if (nodeName === undefined) return 'the pod is not on a node yet'
  if (isHere(pod, own)) return `${mount} of this machine has no cgroup of the pod`
  const hostIp = pod.status?.hostIP
  const node = hostIp === undefined ? nodeName : `${nodeName} (${hostIp})`
  return `the pod runs on node ${node}, not on this machine`
}

/** Where no pod has a cgroup, as in a virtual machine's container: what the root cgroup tells. */
function wholeMachine(tree: CgroupTree): WholeMachine {
  const memory = totalmem()
  return {
    cpus: availableParallelism(),
    memory,
    cpuMicros: tree.cpuUsage('/').usage,
    memoryUsed: memory - freemem(),
  }
}

/** The look at a pod that has no cgroup here; `hasPods` if others have one. */
export function unseen(
  pod: Pod,
  tree: CgroupTree,
  own: ReadonlySet<string>,
  hasPods: boolean,
): CgroupLook {
  const why = whyUnseen(pod, tree, own)
  if (!isHere(pod, own)) return { kind: 'unseen', why }
  // It may have ended since it was read.
  if (hasPods) return { kind: 'unseen', why, fleeting: true }
  const machine = wholeMachine(tree)
  const whole = `this machine has no pod's cgroup at all, only itself: ${machine.cpus} CPUs, ${bytesQuantity(bytes(machine.memory))} of memory, ${bytesQuantity(bytes(machine.memoryUsed))} in use`
  return { kind: 'unseen', why: whole, machine }
}
