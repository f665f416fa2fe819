import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ContainerStatus, Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import type { KubeClient } from '../../src/kube/client/kube-client.ts'
import { isKubeError } from '../../src/kube/client/kube-error.ts'
import type { KubeObject } from '../../src/kube/object/kube-object.ts'
import { events, pods, type KubeResource } from '../../src/kube/object/resource.ts'
import { waitFor } from '../../src/kube/watch/wait-for.ts'

const namespace = 'default'

/** For slow machines; on an ordinary one everything takes milliseconds. */
export const patienceMs = 120_000

export function example(name: string): Pod {
  const file = join(import.meta.dirname, '../../examples', `${name}.yaml`)
  return parse(readFileSync(file, 'utf8')) as Pod
}

export function createPod(client: KubeClient, pod: Pod): Promise<Pod> {
  return client.create(pods, pod, { namespace })
}

export function getPod(client: KubeClient, name: string): Promise<Pod> {
  return client.get(pods, { namespace, name })
}

export async function deletePod(client: KubeClient, name: string): Promise<void> {
  await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 })
}

/** The first state of the pod in which `isMet` holds. @throws Error if that takes too long. */
export async function podWhen(
  client: KubeClient,
  name: string,
  what: string,
  isMet: (pod: Pod) => boolean,
): Promise<Pod> {
  const end = await waitFor(
    client,
    pods,
    { namespace, name },
    (pod) => pod !== undefined && isMet(pod),
    { timeoutMs: patienceMs },
  )
  if (end.kind === 'met' && end.object !== undefined) return end.object
  throw new Error(`Waited ${patienceMs / 1000} s for pod ${name} to be ${what}`)
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true
}

/** The size of the containers as it is sent to `pods/NAME/resize`. */
export async function patchResize(
  client: KubeClient,
  name: string,
  sizes: Readonly<Record<string, ResourceRequirements>>,
): Promise<Pod> {
  const containers = Object.entries(sizes).map(([name, resources]) => ({ name, resources }))
  const patch = { type: 'strategic', body: { spec: { containers } } } as const
  return client.patch(pods, { namespace, name, subresource: 'resize' }, patch)
}

export function statusOf(pod: Pod, container: string): ContainerStatus {
  const found = pod.status?.containerStatuses?.find(({ name }) => name === container)
  if (found === undefined) throw new Error(`Pod ${pod.metadata.name} has no status of ${container}`)
  return found
}

/** Without the name of the runtime, and as short as people quote it. */
export function shortId({ containerID = '' }: ContainerStatus): string {
  return containerID.replace(/^.*\/\//, '').slice(0, 12)
}

interface PodEvent extends KubeObject {
  readonly reason: string
  readonly message: string
}

const podEvents = events as KubeResource<PodEvent>

/** Whether the pod got the event about that generation; it may come a moment later than the status. */
export async function hasEvent(
  client: KubeClient,
  name: string,
  reason: string,
  generation: number,
): Promise<boolean> {
  const deadline = AbortSignal.timeout(patienceMs)
  const selection = { namespace, fieldSelector: `involvedObject.name=${name}`, signal: deadline }
  const matches = (event: PodEvent) =>
    event.reason === reason && event.message.includes(`"generation":${generation}`)
  const { items, metadata } = await client.list(podEvents, selection)
  if (items.some(matches)) return true
  try {
    const { resourceVersion } = metadata
    for await (const { object } of client.watch(podEvents, {
      ...selection,
      resourceVersion,
    })) {
      if (matches(object as PodEvent)) return true
    }
  } catch (error) {
    if (!deadline.aborted && isKubeError(error)) throw error
  }
  return false
}
