import type { Pod } from '../../domain/pod.ts'
import type { Shortage } from '../../domain/resize/admission/admission.ts'
import { isCritical, podsToPreempt } from '../../domain/resize/admission/preemption.ts'
import type { PromisedRoom } from './promised-room.ts'
import { preempted, type TurnedAway } from './turned-away.ts'

/**
 * Ends lesser pods for a critical one. When they have ended it is tried again, as with any
 * room that appears; until then a resize is Deferred. False if there is nobody to end.
 *
 * @see kubelet's pkg/kubelet/preemption
 */
export function preempt(
  { room, turnedAway }: { readonly room: PromisedRoom; readonly turnedAway: TurnedAway },
  pod: Pod,
  shortages: readonly Shortage[],
): boolean {
  if (!isCritical(pod)) return false
  const victims = podsToPreempt(pod, room.others(pod.metadata.uid ?? ''), shortages)
  if (victims === undefined) return false
  for (const victim of victims) {
    const uid = victim.metadata.uid ?? ''
    // Who is going already leaves room soon.
    if (turnedAway.has(uid)) continue
    room.release(uid)
    turnedAway.evict(victim, preempted(victim))
  }
  return true
}
