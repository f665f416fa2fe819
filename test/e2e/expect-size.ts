import assert from 'node:assert/strict'
import { compareKnobs, type CgroupLevel } from '../../src/domain/cgroup/compare.ts'
import {
  containerKnobs,
  podKnobs,
  qosKnobs,
  unlimitedWhereUnset,
  type CgroupKnobs,
} from '../../src/domain/cgroup/knobs.ts'
import { podCgroupPath, qosCgroupPath } from '../../src/domain/cgroup/names.ts'
import type { Container, Pod, PodSpec } from '../../src/domain/pod.ts'
import { effectiveSize } from '../../src/domain/resources/pod-resources.ts'
import { qosClassOf } from '../../src/domain/resources/qos.ts'
import { sizeOf, type Size } from '../../src/domain/resources/size.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { containerId, type LiveNode, statusOf } from './live-node.ts'

const driver = 'cgroupfs'

export function podCgroup(node: LiveNode, pod: Pod): string {
  const qos = qosClassOf(pod.spec)
  return podCgroupPath(node.cgroupRoot, qos, pod.metadata.uid ?? '', driver)
}

export function containerCgroup(node: LiveNode, pod: Pod, container: string): string {
  return `${podCgroup(node, pod)}/${containerId(pod, container)}`
}

/** Fails unless the files of a cgroup say what these knobs come to, and no more. */
export function expectFiles(
  node: LiveNode,
  path: string,
  knobs: CgroupKnobs,
  level: CgroupLevel,
): void {
  const differences = compareKnobs(unlimitedWhereUnset(knobs), node.tree.read(path), {
    level,
    systemd: false,
  })
  assert.deepEqual(differences, [], `${level} cgroup ${path}`)
}

/** Fails unless the cgroups of the pod and of its running containers have the size of `spec`. */
export function expectCgroups(node: LiveNode, pod: Pod, spec = pod.spec): void {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  for (const container of containers) {
    if (statusOf(pod, container.name).state?.running === undefined) continue
    const knobs = containerKnobs(effectiveSize(spec, container))
    expectFiles(node, containerCgroup(node, pod, container.name), knobs, 'container')
  }
  expectFiles(node, podCgroup(node, pod), podKnobs(spec), 'pod')
}

/** Fails unless the cgroups of the QoS classes hold what all pods there are come to. */
export async function expectQosCgroups(node: LiveNode): Promise<void> {
  const { items } = await node.client.list(pods)
  const active = items.filter(({ spec, status }) => {
    const over = status?.phase === 'Succeeded' || status?.phase === 'Failed'
    return spec.nodeName !== undefined && !over
  })
  for (const qos of ['Burstable', 'BestEffort'] as const) {
    const { cpuShares } = qosKnobs(qos, active.map(asAllocated))
    const path = qosCgroupPath(node.cgroupRoot, qos, driver)
    expectFiles(node, path, { ...(cpuShares && { cpuShares }) }, 'qos')
  }
}

/** The spec with the requests that the node has granted, which a waiting resize may not have. */
function asAllocated({ spec, status }: Pod): PodSpec {
  const granted = (container: Container): Container => {
    const found = status?.containerStatuses?.find(({ name }) => name === container.name)
    const requests = found?.allocatedResources
    if (requests === undefined) return container
    return { ...container, resources: { ...container.resources, requests } }
  }
  return { ...spec, containers: spec.containers.map(granted) }
}

/** Fails unless the status says of each container what its spec asks for. */
function expectStatus(pod: Pod): void {
  const { metadata, spec, status } = pod
  assert.equal(status?.observedGeneration, metadata.generation)
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers]
  for (const { name, resources = {} } of containers) {
    const shown = statusOf(pod, name)
    assert.deepEqual(shown.resources, resources, `status.resources of ${name}`)
    assert.deepEqual(shown.allocatedResources, resources.requests, `allocatedResources of ${name}`)
  }
}

/** Waits for the newest resize to end and fails unless everything has its size, without a restart. */
export async function expectResized(node: LiveNode, before: Pod): Promise<Pod> {
  const pod = await node.settled(before.metadata.name)
  // At the very moment at which the status says that it is done, it is.
  expectCgroups(node, pod)
  await expectQosCgroups(node)
  expectStatus(pod)
  for (const { name } of before.status?.containerStatuses ?? []) {
    const [was, is] = [statusOf(before, name), statusOf(pod, name)]
    assert.equal(is.containerID, was.containerID, `containerID of ${name}`)
    assert.equal(is.restartCount, was.restartCount, `restartCount of ${name}`)
    assert.deepEqual(is.state, was.state, `state of ${name}`)
  }
  return pod
}

/** The size that the spec asks for one container. */
export function wantedSize({ spec }: Pod, container: string): Size {
  const all = [...(spec.initContainers ?? []), ...spec.containers]
  return sizeOf(all.find(({ name }) => name === container)?.resources)
}
