import type { Pod, ResourceRequirements } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import { applySizeRequest } from '../../domain/resize/request/apply-size-request.ts'
import { withSize } from '../../domain/resize/request/with-size.ts'
import type { SizeRequest } from '../../domain/resize/request/size-request.ts'
import { sameSize, sizeOf, type Size } from '../../domain/resources/size.ts'
import { hasPart, partText, resourcesAt, withResources, type PodPart } from '../pod-part.ts'
import type { ResizePatch } from '../cluster/pod-client.ts'
import { chosenPart, type PartWanted } from './chosen-part.ts'
import { resizePatch } from './resize-patch.ts'
import { sizeChange, type SizeChange } from './size-change.ts'

/** A resize that is known in full before anything is sent. */
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
  const wanted = withResources(pod, part, resources)
  return {
    change: sizeChange(pod, part, wanted),
    patch: resizePatch(pod, part, resources),
    read: pod,
    wanted,
  }
}

function whyImpossible(pod: Pod): string | undefined {
  if (isOver(pod.status)) {
    return `Cannot resize pod ${pod.metadata.name}: it has ended (${pod.status?.phase}), nothing of it runs any more`
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    return `Cannot resize pod ${pod.metadata.name}: it is being deleted`
  }
  return undefined
}
