import { type Pod } from '../domain/pod.ts'
import { sameSize, sizeOf } from '../domain/resources.ts'
import { containerNamed } from './containers.ts'
import { type KubeletSight } from './kubelet-policies.ts'

/** What a followed resize has to reach. */
export interface ResizeTarget {
  /** The pod before the patch. */
  readonly before: Pod
  /** The pod as it should be; replaced by the server's answer, which has the last word. */
  readonly wanted: Pod
  /** The containers that change. */
  readonly containers: readonly string[]
  /** Of them, those that have to be another container in the end, by their policy. */
  readonly restarting: readonly string[]
  /** `metadata.generation` of the changed spec, as soon as it was seen and if the server counts. */
  readonly generation: number | undefined
  /** How the node is configured, where that is known: what its cgroups have to say depends on it. */
  readonly kubelet?: KubeletSight | undefined
}

/** Whether `pod` asks for the wanted size in every container that changes. */
export function asksForTarget(target: ResizeTarget, pod: Pod): boolean {
  return target.containers.every((name) =>
    sameSize(
      sizeOf(containerNamed(pod, name)?.spec.resources),
      sizeOf(containerNamed(target.wanted, name)?.spec.resources),
    ),
  )
}
