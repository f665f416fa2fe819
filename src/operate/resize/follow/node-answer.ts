import { conditionOf, pendingType } from '../../../domain/resize/conditions.ts'
import type { ResizeState } from '../../../domain/resize/reporting/state.ts'
import type { FollowState } from './follow-state.ts'
import { asksForTarget, targetState } from './resize-target.ts'

/** What the node says about the wanted size, as far as it is clear that it speaks of that. */
export function nodeAnswer(state: FollowState, at: number): ResizeState {
  return asksForTarget(state.target, state.pod) && !mayBeStale(state, at)
    ? targetState(state.target, state.pod)
    : { kind: 'notYetObserved' }
}

/**
 * Whether the node's no may be about an earlier request. Up to 1.33 neither status nor
 * condition says which generation it is about, so one that was there before the patch
 * counts only after a while.
 */
function mayBeStale({ target, pod, sentAt, graceMs }: FollowState, at: number): boolean {
  if (pod.status?.observedGeneration !== undefined || at - sentAt >= graceMs) return false
  const before = conditionOf(target.before.status?.conditions, pendingType)
  const now = conditionOf(pod.status?.conditions, pendingType)
  if (before === undefined || now === undefined || now.observedGeneration !== undefined)
    return false
  return (
    before.reason === now.reason &&
    before.message === now.message &&
    before.lastTransitionTime === now.lastTransitionTime
  )
}
