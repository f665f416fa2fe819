import { type Pod, type ResourceRequirements } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/pod-resources.ts'
import { restartsFor, type ResizableResource } from '../../domain/resize/resize-policy.ts'
import { applySizeRequest, withSize } from '../../domain/resize/request/apply-size-request.ts'
import { type SizeRequest } from '../../domain/resize/request/size-request.ts'
import { sameSize, sizeOf, type Size } from '../../domain/resources.ts'
import { containerNamed, containersOf, isRunning } from '../containers.ts'
import { hasEnded } from '../has-ended.ts'
import { hasPart, partText, resourcesAt, withResources, type PodPart } from '../pod-part.ts'
import { type ResizePatch, type ResourcesPatch } from '../cluster/pod-client.ts'

/** The change of one size, known in full before anything is sent. */
export interface SizeChange {
  /** Whose size it is; undefined for that of the pod itself. */
  readonly container: PodPart
  readonly before: Size
  readonly after: Size
  /** Resources whose resizePolicy makes the change restart a container. */
  readonly restartsFor: readonly ResizableResource[]
  /** Names of the containers that restart. */
  readonly restarting: readonly string[]
}

/** Which size of a pod is meant. */
export interface PartWanted {
  /** @default the pod's only container, or that of its annotation */
  readonly container?: string | undefined
  /** The pod's own size instead of a container's. */
  readonly podLevel?: boolean | undefined
}

/** Whether the memory limit comes down: from the one that is asked for now, or that is still held. */
export function lowersMemory({
  change: { container, before, after },
  read,
}: Pick<PreparedResize, 'change' | 'read'>): boolean {
  const limit = after.memoryLimit
  if (limit === undefined) return false
  if (before.memoryLimit === undefined || limit < before.memoryLimit) return true
  const status = container === undefined ? undefined : containerNamed(read, container)?.status
  return limit < (sizeOf(status?.resources).memoryLimit ?? 0)
}

export interface PreparedResize {
  readonly change: SizeChange
  readonly patch: ResizePatch
  /** The pod that the change was worked out from. */
  readonly read: Pod
  /** The pod as it should be after the patch. */
  readonly wanted: Pod
}

export type Preparation =
  | { readonly kind: 'ready'; readonly resize: PreparedResize }
  /** It has this size already; there is nothing to send. */
  | { readonly kind: 'unchanged'; readonly container: PodPart; readonly size: Size }
  /** The command line does not fit this pod. */
  | { readonly kind: 'unusable'; readonly message: string }
  /** The pod cannot be resized as it is now. */
  | { readonly kind: 'impossible'; readonly message: string }

const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container'

type Chosen = { readonly part: PodPart } | { readonly message: string }

function chosenPart(pod: Pod, { container, podLevel = false }: PartWanted): Chosen {
  if (podLevel) return { part: undefined }
  const containers = containersOf(pod)
  const names = containers.map(({ spec }) => spec.name).join(', ')
  const wanted = container ?? pod.metadata.annotations?.[defaultContainerAnnotation]
  if (wanted === undefined) {
    const regular = containers.filter(({ list }) => list === 'containers')
    const [only] = regular
    if (only !== undefined && regular.length === 1) return { part: only.spec.name }
    return {
      message: `Cannot choose a container of pod ${pod.metadata.name}: name one of ${names} with -c`,
    }
  }
  if (hasPart(pod, wanted)) return { part: wanted }
  return {
    message: `Cannot find container ${wanted} in pod ${pod.metadata.name}: it has ${names}`,
  }
}

/** The keys of `after` whose values differ from those of `before`, and null for those it lacks. */
function changedOnly(
  before: ResourceRequirements | undefined,
  after: ResourceRequirements,
): ResourcesPatch {
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
  if (hasEnded(pod)) {
    return `Cannot resize pod ${pod.metadata.name}: it has ended (${pod.status?.phase}), nothing of it runs any more`
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    return `Cannot resize pod ${pod.metadata.name}: it is being deleted`
  }
  return undefined
}

/**
 * Applies size requests to one part of `pod`, without any call: what it would be, the smallest
 * patch for it, and what its policy restarts.
 */
export function prepareResize(
  pod: Pod,
  wanted: PartWanted,
  requests: readonly SizeRequest[],
): Preparation {
  const chosen = chosenPart(pod, wanted)
  if ('message' in chosen) return { kind: 'unusable', message: chosen.message }
  const message = whyImpossible(pod)
  if (message !== undefined) return { kind: 'impossible', message }

  const { part } = chosen
  const resources = resourcesAt(pod, part)
  const before = sizeOf(resources)
  const applied = applySizeRequest(before, ...requests)
  if (applied.kind === 'refused') {
    const whose = `pod ${pod.metadata.name}, ${partText(part)}`
    return { kind: 'unusable', message: `${applied.message} (${whose})` }
  }
  const after = applied.size
  if (sameSize(before, after)) return { kind: 'unchanged', container: part, size: before }
  return { kind: 'ready', resize: preparedFor(pod, part, withSize(resources, after)) }
}

/**
 * The resize of one part to exactly these sizes, as a journal has them. A value that
 * they lack is taken away; most API servers refuse that, and say so.
 *
 * @returns undefined if the pod has no such container.
 */
export function prepareSize(
  pod: Pod,
  part: PodPart,
  wanted: ResourceRequirements,
): PreparedResize | undefined {
  if (!hasPart(pod, part)) return undefined
  const resources = resourcesAt(pod, part)
  const exactly = (kind: 'requests' | 'limits') => {
    const { cpu: _cpu, memory: _memory, ...others } = resources?.[kind] ?? {}
    const list = { ...others, ...wanted[kind] }
    return Object.keys(list).length === 0 ? {} : { [kind]: list }
  }
  const { requests: _requests, limits: _limits, ...rest } = resources ?? {}
  return preparedFor(pod, part, { ...rest, ...exactly('requests'), ...exactly('limits') })
}

function preparedFor(pod: Pod, part: PodPart, resources: ResourceRequirements): PreparedResize {
  const current = resourcesAt(pod, part)
  const wanted = withResources(pod, part, resources)
  const restarts = restartsBy(pod, wanted)
  return {
    change: {
      container: part,
      before: sizeOf(current),
      after: sizeOf(resources),
      restartsFor: [...new Set(restarts.map(({ resource }) => resource))],
      restarting: [...new Set(restarts.map(({ container }) => container))],
    },
    patch: patchOf(pod, part, changedOnly(current, resources)),
    read: pod,
    wanted,
  }
}

function patchOf(pod: Pod, part: PodPart, resources: ResourcesPatch): ResizePatch {
  if (part === undefined) return { spec: { resources } }
  const list = containerNamed(pod, part)?.list ?? 'containers'
  return { spec: { [list]: [{ name: part, resources }] } }
}

/**
 * Which running containers restart, and for which resource. One without a limit of its own has
 * that of the pod, and restarts when that changes.
 */
function restartsBy(pod: Pod, wanted: Pod) {
  return containersOf(pod).flatMap(({ spec, status }) => {
    const after = containerNamed(wanted, spec.name)
    if (!isRunning(status) || after === undefined) return []
    const from = effectiveSize(pod.spec, spec)
    const to = effectiveSize(wanted.spec, after.spec)
    return changedResources(from, to)
      .filter((resource) => restartsFor(spec, resource))
      .map((resource) => ({ container: spec.name, resource }))
  })
}
