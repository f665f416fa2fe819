import { type Pod, type ResourceRequirements } from '../domain/pod.ts'
import { restartsFor, type ResizableResource } from '../domain/resize/resize-policy.ts'
import { applySizeRequest, withSize } from '../domain/resize/apply-size-request.ts'
import { type SizeRequest } from '../domain/resize/size-request.ts'
import { sameSize, sizeOf, type Size } from '../domain/resources.ts'
import { containersOf, isRunning, withResources, type PodContainer } from './containers.ts'
import { type ContainerPatch, type ResizePatch } from './pod-client.ts'

/** One container's change, known in full before anything is sent. */
export interface ContainerChange {
  readonly container: string
  readonly before: Size
  readonly after: Size
  /** Resources whose resizePolicy makes the change restart the container. */
  readonly restartsFor: readonly ResizableResource[]
}

/** Whether the container gets a memory limit that is below the one it has. */
export function lowersMemory({
  before,
  after,
}: Pick<ContainerChange, 'before' | 'after'>): boolean {
  if (after.memoryLimit === undefined) return false
  return before.memoryLimit === undefined || after.memoryLimit < before.memoryLimit
}

export interface PreparedResize {
  readonly change: ContainerChange
  readonly patch: ResizePatch
  /** The pod that the change was worked out from. */
  readonly read: Pod
  /** The pod as it should be after the patch. */
  readonly wanted: Pod
}

export type Preparation =
  | { readonly kind: 'ready'; readonly resize: PreparedResize }
  /** The container has this size already; there is nothing to send. */
  | { readonly kind: 'unchanged'; readonly container: string; readonly size: Size }
  /** The command line does not fit this pod. */
  | { readonly kind: 'unusable'; readonly message: string }
  /** The pod cannot be resized as it is now. */
  | { readonly kind: 'impossible'; readonly message: string }

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

function chosenContainer(
  pod: Pod,
  name: string | undefined,
): PodContainer | { readonly message: string } {
  const containers = containersOf(pod)
  const names = containers.map(({ spec }) => spec.name).join(', ')
  const wanted = name ?? pod.metadata.annotations?.[defaultContainerAnnotation]
  if (wanted === undefined) {
    const regular = containers.filter(({ list }) => list === 'containers')
    const [only] = regular
    if (only !== undefined && regular.length === 1) return only
    return {
      message: `Cannot choose a container of pod ${pod.metadata.name}: name one of ${names} with -c`,
    }
  }
  return (
    containers.find(({ spec }) => spec.name === wanted) ?? {
      message: `Cannot find container ${wanted} in pod ${pod.metadata.name}: it has ${names}`,
    }
  )
}

/** The keys of `after` whose values differ from those of `before`, and null for those it lacks. */
function changedOnly(
  before: ResourceRequirements | undefined,
  after: ResourceRequirements,
): ContainerPatch['resources'] {
  const differing = (kind: 'requests' | 'limits') => {
    const changed = Object.entries(after[kind] ?? {}).filter(
      ([key, value]) => before?.[kind]?.[key] !== value,
    )
    const gone = Object.keys(before?.[kind] ?? {}).filter((key) => after[kind]?.[key] === undefined)
    const entries = [...changed, ...gone.map((key) => [key, null] as const)]
    return entries.length === 0 ? {} : { [kind]: Object.fromEntries(entries) }
  }
  return { ...differing('requests'), ...differing('limits') }
}

function changedResources(before: Size, after: Size): readonly ResizableResource[] {
  const changed: ResizableResource[] = []
  if (before.cpuRequest !== after.cpuRequest || before.cpuLimit !== after.cpuLimit) {
    changed.push('cpu')
  }
  if (before.memoryRequest !== after.memoryRequest || before.memoryLimit !== after.memoryLimit) {
    changed.push('memory')
  }
  return changed
}

function whyImpossible(pod: Pod): string | undefined {
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') {
    return `Cannot resize pod ${pod.metadata.name}: it has ended (${phase}), nothing of it runs any more`
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    return `Cannot resize pod ${pod.metadata.name}: it is being deleted`
  }
  return undefined
}

/**
 * Applies size requests to one container of `pod`, without any call: what it would
 * be, the smallest patch for it, and whether its policy restarts it.
 *
 * @param name of the container; without it the pod's only one, or the one that the
 * annotation `kubectl.kubernetes.io/default-container` names.
 */
export function prepareResize(
  pod: Pod,
  name: string | undefined,
  requests: readonly SizeRequest[],
): Preparation {
  const chosen = chosenContainer(pod, name)
  if ('message' in chosen) return { kind: 'unusable', message: chosen.message }
  const message = whyImpossible(pod)
  if (message !== undefined) return { kind: 'impossible', message }

  const { spec } = chosen
  const before = sizeOf(spec.resources)
  const applied = applySizeRequest(before, ...requests)
  if (applied.kind === 'refused') {
    const whose = `pod ${pod.metadata.name}, container ${spec.name}`
    return { kind: 'unusable', message: `${applied.message} (${whose})` }
  }
  const after = applied.size
  if (sameSize(before, after)) return { kind: 'unchanged', container: spec.name, size: before }

  const resources = withSize(spec.resources, after)
  return { kind: 'ready', resize: preparedFor(pod, chosen, resources) }
}

/**
 * The resize of one container to exactly these sizes, as a journal has them. A value that
 * they lack is taken away; most API servers refuse that, and say so.
 *
 * @returns undefined if the pod has no such container.
 */
export function prepareSize(
  pod: Pod,
  name: string,
  wanted: ResourceRequirements,
): PreparedResize | undefined {
  const container = containersOf(pod).find(({ spec }) => spec.name === name)
  if (container === undefined) return undefined
  const { resources } = container.spec
  const exactly = (kind: 'requests' | 'limits') => {
    const { cpu: _cpu, memory: _memory, ...others } = resources?.[kind] ?? {}
    const list = { ...others, ...wanted[kind] }
    return Object.keys(list).length === 0 ? {} : { [kind]: list }
  }
  const { requests: _requests, limits: _limits, ...rest } = resources ?? {}
  return preparedFor(pod, container, { ...rest, ...exactly('requests'), ...exactly('limits') })
}

function preparedFor(
  pod: Pod,
  { spec, list, status }: PodContainer,
  resources: ResourceRequirements,
): PreparedResize {
  const before = sizeOf(spec.resources)
  const after = sizeOf(resources)
  const patch: ContainerPatch = {
    name: spec.name,
    resources: changedOnly(spec.resources, resources),
  }
  const restarting = isRunning(status)
    ? changedResources(before, after).filter((resource) => restartsFor(spec, resource))
    : []
  return {
    change: { container: spec.name, before, after, restartsFor: restarting },
    patch: { spec: { [list]: [patch] } },
    read: pod,
    wanted: withResources(pod, spec.name, resources),
  }
}
