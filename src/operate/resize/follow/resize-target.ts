import type { Pod } from '../../../domain/pod.ts'
import { resizeState, type ResizeState } from '../../../domain/resize/reporting/state.ts'
import type { StatusRules } from '../../../domain/resize/reporting/unsettled-containers.ts'
import { sameSize, sizeOf } from '../../../domain/resources/size.ts'
import { enforcesCpuLimits, type KubeletSight } from '../../cluster/kubelet-policies.ts'
import { resourcesAt, type PodPart } from '../../pod-part.ts'

/** What a followed resize has to reach. */
export interface ResizeTarget {
  /** The pod before the patch. */
  readonly before: Pod
  /** The pod as it should be; replaced by the server's answer, which has the last word. */
  readonly wanted: Pod
  /** Whose size changes. */
  readonly part: PodPart
  /** The containers that have to be another one in the end, by their policy. */
  readonly restarting: readonly string[]
  /** `metadata.generation` of the changed spec, as soon as it was seen and if the server counts. */
  readonly generation: number | undefined
  /** How the node is configured, where that is known: what its cgroups have to say depends on it. */
  readonly kubelet?: KubeletSight | undefined
}

/** Whether `pod` asks for the wanted size. */
export function asksForTarget({ part, wanted }: ResizeTarget, pod: Pod): boolean {
  return sameSize(sizeOf(resourcesAt(pod, part)), sizeOf(resourcesAt(wanted, part)))
}

/** How the status of its containers is to be read. */
export function statusRules({ kubelet }: ResizeTarget): StatusRules {
  return { cpuLimits: enforcesCpuLimits(kubelet) }
}

/** What the node says about the wanted size. */
export function targetState(target: ResizeTarget, pod: Pod): ResizeState {
  return resizeState(pod, target.generation, statusRules(target))
}
