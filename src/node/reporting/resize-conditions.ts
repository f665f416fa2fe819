import type { Pod, PodCondition } from '../../domain/pod.ts'
import {
  clearBoth,
  type Cleared,
  type ConditionChange,
  inProgressType,
  pendingType,
} from '../../domain/resize/conditions.ts'
import { oomScoreType } from '../../domain/resize/reporting/oom-score-condition.ts'

/**
 * PodResizePending, PodResizeInProgress and what resizes could not change, of each pod as
 * this node has decided them. They begin with what the API says, so that they live through a restart.
 */
export class ResizeConditions {
  readonly #byPod = new Map<string, readonly PodCondition[]>()

  /** The first sight of a pod takes over what its status says. */
  adopt(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    if (this.#byPod.has(uid)) return
    const known = (pod.status?.conditions ?? []).filter(
      ({ type }) => type === pendingType || type === inProgressType || type === oomScoreType,
    )
    this.#byPod.set(uid, known)
  }

  get(uid: string): readonly PodCondition[] {
    return this.#byPod.get(uid) ?? []
  }

  /** Replaces the pod's conditions by what `change` makes of them, and returns that. */
  apply<T extends ConditionChange | Cleared>(
    uid: string,
    change: (conditions: readonly PodCondition[]) => T,
  ): T {
    const result = change(this.get(uid))
    this.#byPod.set(uid, result.conditions)
    return result
  }

  /** A pod that has ended has no resize left. */
  clear(uid: string): void {
    this.#byPod.set(uid, clearBoth(this.get(uid)))
  }

  /** Those of every pod. */
  all(): Iterable<readonly PodCondition[]> {
    return this.#byPod.values()
  }

  forget(uid: string): void {
    this.#byPod.delete(uid)
  }
}
