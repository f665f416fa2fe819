import { isDeepStrictEqual } from 'node:util'
import type { ContainerSummary } from '../../src/cri/container/container-status.ts'
import type { Container, Pod, PodSpec } from '../../src/domain/pod.ts'
import { isKubeError } from '../../src/kube/client/kube-error.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { FaultyPodfit } from './faulty-podfit.ts'
import { cgroupExists, childCgroups, wrongFiles } from './kernel-files.ts'
import type { TestSize } from './sized-pod.ts'

/** By which the runtime knows whose a container or a sandbox is. */
export const uidLabel = 'io.kubernetes.pod.uid'

export async function getPod({ client }: FaultyPodfit, name: string): Promise<Pod> {
  return client.get(pods, { namespace: 'default', name })
}

export async function podExists(faulty: FaultyPodfit, name: string): Promise<boolean> {
  try {
    await getPod(faulty, name)
    return true
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return false
    throw error
  }
}

export async function untilGone(faulty: FaultyPodfit, name: string): Promise<void> {
  const isGone = async (): Promise<boolean> => !(await podExists(faulty, name))
  await waitUntil(`pod ${name} to be gone`, isGone, Boolean, { withinMs: 30_000 })
}

/**
 * Waits until the pod is everywhere what its spec asks for: status, cgroup files,
 * runtime, and returns it.
 */
export async function untilRight(faulty: FaultyPodfit, name: string): Promise<Pod> {
  let pod = await getPod(faulty, name)
  const look = async (): Promise<readonly string[]> => {
    pod = await getPod(faulty, name)
    return findFaults(faulty, pod)
  }
  await waitUntil(`pod ${name} to be right`, look, (faults) => faults.length === 0, {
    withinMs: 30_000,
  })
  return pod
}

/** What is not as the pod's spec asks for: a line for each. */
export async function findFaults(faulty: FaultyPodfit, pod: Pod): Promise<readonly string[]> {
  return [
    ...statusFaults(pod),
    ...kernelFaults(pod, faulty.cgroup),
    ...(await runtimeFaults(faulty, pod)),
  ]
}

function statusFaults({ metadata, spec, status }: Pod): readonly string[] {
  const resizing = (status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'))
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  return [
    ...(status?.phase === 'Running' ? [] : [`phase ${status?.phase}`]),
    ...(ready?.status === 'True' ? [] : [`Ready is ${ready?.status}`]),
    ...resizing.map(({ type, reason, message }) => `${type} ${reason} ${message}`),
    ...(status?.observedGeneration === metadata.generation
      ? []
      : [`generation ${status?.observedGeneration} of ${metadata.generation} observed`]),
    ...spec.containers.flatMap((container) => containerStatusFaults(container, status)),
  ]
}

function containerStatusFaults(
  { name, resources = {} }: Container,
  status: Pod['status'],
): readonly string[] {
  const found = status?.containerStatuses?.find((one) => one.name === name)
  const said = JSON.stringify(found?.resources)
  return [
    ...(found?.state?.running === undefined ? [`${name} does not run by its status`] : []),
    ...(isDeepStrictEqual(found?.resources, resources)
      ? []
      : [`${name} has ${said} by its status`]),
    ...(isDeepStrictEqual(found?.allocatedResources, resources.requests)
      ? []
      : [`${name} was allocated ${JSON.stringify(found?.allocatedResources)}`]),
  ]
}

function kernelFaults(pod: Pod, root: string): readonly string[] {
  const cgroup = podCgroup(pod, root)
  const containers = pod.spec.containers.map((container) => {
    const id = containerIds(pod).get(container.name) ?? ''
    return { size: sizeOf(container), id }
  })
  // The sandbox's own container is the one more.
  const expected = containers.length + 1
  const found = childCgroups(cgroup).length
  return [
    ...(found === expected ? [] : [`${found} cgroups in ${cgroup}, not ${expected}`]),
    ...wrongFiles(cgroup, sumOf(containers.map(({ size }) => size))),
    ...containers.flatMap(({ size, id }) => wrongFiles(`${cgroup}/${id}`, size)),
  ]
}

/** One sandbox, and of each container one that runs: the one that the status tells of. */
async function runtimeFaults({ cri }: FaultyPodfit, pod: Pod): Promise<readonly string[]> {
  const labels = { [uidLabel]: pod.metadata.uid ?? '' }
  const [sandboxes, containers] = await Promise.all([
    cri.listPodSandboxes({ labels }),
    cri.listContainers({ labels }),
  ])
  return [
    ...(sandboxes.length === 1 ? [] : [`${sandboxes.length} sandboxes`]),
    ...sandboxes
      .filter((one) => one.state !== 'ready')
      .map(({ id }) => `sandbox ${id} is not ready`),
    ...pod.spec.containers.flatMap(({ name }) =>
      containerFaults(
        name,
        containers.filter(({ metadata }) => metadata.name === name),
        containerIds(pod).get(name),
      ),
    ),
  ]
}

function containerFaults(
  name: string,
  all: readonly ContainerSummary[],
  shown: string | undefined,
): readonly string[] {
  const running = all.filter(({ state }) => state === 'running')
  const odd = all.filter(({ state }) => state !== 'running' && state !== 'exited')
  return [
    ...(running.length === 1 ? [] : [`${running.length} containers ${name} run`]),
    ...odd.map(({ id, state }) => `container ${name} ${id} is ${state}`),
    ...(running[0]?.id === shown ? [] : [`the status shows another container ${name}: ${shown}`]),
  ]
}

/** What the runtime and the kernel still have of a pod that the API has no more. */
export async function leftoversOfPod(
  { cri, cgroup }: FaultyPodfit,
  pod: Pod,
): Promise<readonly string[]> {
  const labels = { [uidLabel]: pod.metadata.uid ?? '' }
  const [sandboxes, containers] = await Promise.all([
    cri.listPodSandboxes({ labels }),
    cri.listContainers({ labels }),
  ])
  return [
    ...sandboxes.map(({ id }) => `sandbox ${id}`),
    ...containers.map(({ id }) => `container ${id}`),
    ...(cgroupExists(podCgroup(pod, cgroup)) ? [`cgroup ${podCgroup(pod, cgroup)}`] : []),
  ]
}

/** What the runtime has for pods that the API does not have: a line for each. */
export async function strayPods({ client, cri }: FaultyPodfit): Promise<readonly string[]> {
  const { items } = await client.list(pods)
  const known = new Set(items.map(({ metadata }) => metadata.uid))
  const sandboxes = await cri.listPodSandboxes()
  const containers = await cri.listContainers()
  return [...sandboxes, ...containers]
    .filter(({ labels }) => !known.has(labels[uidLabel]))
    .map(({ id, labels }) => `${labels['io.kubernetes.pod.name']}: ${id}`)
}

/** Runtime ids by container name, as the status has them. */
export function containerIds({ status }: Pod): ReadonlyMap<string, string> {
  return new Map(
    (status?.containerStatuses ?? []).map(({ name, containerID = '' }) => [
      name,
      containerID.replace('containerd://', ''),
    ]),
  )
}

export function restartsOf({ status }: Pod, name: string): number | undefined {
  return status?.containerStatuses?.find((one) => one.name === name)?.restartCount
}

/** All test pods are Burstable. */
export function podCgroup({ metadata }: Pod, root: string): string {
  return `${root}/kubepods/burstable/pod${metadata.uid}`
}

export function sizesOf(spec: PodSpec): readonly TestSize[] {
  return spec.containers.map(sizeOf)
}

function sizeOf({ resources }: Container): TestSize {
  const cpu = (list: Readonly<Record<string, string>> = {}): number =>
    Number.parseInt(list['cpu'] ?? '0', 10)
  const memory = (list: Readonly<Record<string, string>> = {}): number =>
    Number.parseInt(list['memory'] ?? '0', 10)
  return {
    cpu: [cpu(resources?.requests), cpu(resources?.limits)],
    memory: [memory(resources?.requests), memory(resources?.limits)],
  }
}

function sumOf(sizes: readonly TestSize[]): TestSize {
  const sum = (of: (size: TestSize) => number): number =>
    sizes.reduce((total, size) => total + of(size), 0)
  return {
    cpu: [sum(({ cpu }) => cpu[0]), sum(({ cpu }) => cpu[1])],
    memory: [sum(({ memory }) => memory[0]), sum(({ memory }) => memory[1])],
  }
}
