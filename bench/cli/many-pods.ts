import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { openCgroupTree } from '../../src/cgroup/open-cgroup-tree.ts'
import type { CgroupTree } from '../../src/cgroup/cgroup-tree.ts'
import { containerKnobs, nodeKnobs, podKnobs, qosKnobs } from '../../src/domain/cgroup/knobs.ts'
import { qosClassOf } from '../../src/domain/resources/qos.ts'
import { podCgroupPath, qosCgroupPath } from '../../src/domain/cgroup/names.ts'
import type { Pod, PodStatus } from '../../src/domain/pod.ts'
import { sizeOf } from '../../src/domain/resources/size.ts'
import { milliCpu } from '../../src/domain/units.ts'
import { createKubeClient } from '../../src/kube/client/client.ts'
import { connect } from '../../src/kube/connect/connect.ts'
import { nodes, pods } from '../../src/kube/object/resource.ts'
import { ApiProcess } from '../api/api-process.ts'
import { benchPod } from '../fixture.ts'
import { inFlight } from '../percentiles.ts'

const nodeName = 'bench'
const nodeMilli = 100_000
const since = '2026-01-01T00:00:00Z'

/** Pods on a node that is not there, with cgroups of this machine that are as they should be. */
export interface ManyPods extends AsyncDisposable {
  readonly kubeconfig: string
  /** As the API has them. */
  readonly pods: readonly Pod[]
  readonly tree: CgroupTree
}

export async function makeManyPods(count: number): Promise<ManyPods> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(new ApiProcess())
  await server.start()
  const kubeconfig = join(server.directory, 'kubeconfig')
  using connection = await connect({ file: kubeconfig, env: {} })
  const client = createKubeClient(connection)
  const amounts = { cpu: `${nodeMilli}m`, memory: '1Gi', pods: `${count + 10}` }
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName } }
  await client.create(nodes, node)
  const status = { capacity: amounts, allocatable: { ...amounts, memory: '100Gi' } }
  const body = { status }
  await client.patch(nodes, { name: nodeName, subresource: 'status' }, { type: 'merge', body })

  const stored: Pod[] = []
  const names = Array.from({ length: count }, (_, index) => `pod-${index}`)
  await inFlight(names, 16, async (name) => {
    const { spec, metadata } = benchPod(name)
    await client.create(pods, { metadata, spec: { ...spec, nodeName } })
    const address = { namespace: 'default', name, subresource: 'status' } as const
    const running = { status: runningStatus(name, spec) }
    stored.push(await client.patch(pods, address, { type: 'merge', body: running }))
  })
  const tree = openCgroupTree()
  const root = `/podfit-bench-${randomUUID().slice(0, 8)}`
  stack.defer(() => tree.remove(root, { recursive: true }))
  makeCgroups(tree, root, stored)
  const owned = stack.move()
  return { kubeconfig, pods: stored, tree, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

function containerIdOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

/** What a node says of a pod that runs with its size. */
function runningStatus(name: string, { containers }: Pod['spec']): PodStatus {
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: since }],
    startTime: since,
    observedGeneration: 1,
    containerStatuses: containers.map((container) => ({
      name: container.name,
      state: { running: { startedAt: since } },
      ready: true,
      restartCount: 0,
      image: 'busybox',
      imageID: '',
      containerID: `containerd://${containerIdOf(name)}`,
      started: true,
      allocatedResources: container.resources?.requests ?? {},
      resources: container.resources ?? {},
    })),
  }
}

/** The cgroups of the pods and those above, as a kubelet without systemd makes them. */
function makeCgroups(tree: CgroupTree, root: string, all: readonly Pod[]): void {
  const above = qosCgroupPath(root, 'Burstable', 'cgroupfs')
  tree.create(above)
  tree.write(
    above,
    qosKnobs(
      'Burstable',
      all.map(({ spec }) => spec),
    ),
  )
  tree.write(join(above, '..'), nodeKnobs({ cpuRequest: milliCpu(nodeMilli) }))
  for (const { metadata, spec } of all) {
    const path = podCgroupPath(root, qosClassOf(spec), metadata.uid ?? '', 'cgroupfs')
    const container = `${path}/${containerIdOf(metadata.name)}`
    tree.create(container)
    tree.write(path, podKnobs(spec))
    tree.write(container, containerKnobs(sizeOf(spec.containers[0]?.resources)))
  }
}
