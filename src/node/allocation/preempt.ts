import type { Pod } from '../../domain/pod.ts'
import type { Shortage } from '../../domain/resize/admission/admission.ts'
import { isCritical, podsToPreempt } from '../../domain/resize/admission/preemption.ts'
import type { PromisedRoom } from './promised-room.ts'
import { preempted, type TurnedAway } from './turned-away.ts'

/**
 * Ends lesser pods for a critical one. When they have ended it is tried again, as with any
 * room that appears. A kubelet waits for them within the admission, so that nobody is told of
 * a refusal in between. False if there is nobody to end.
 *
 * @see kubelet's pkg/kubelet/preemption
 */
export function preempt(
  { room, turnedAway }: { readonly room: PromisedRoom; readonly turnedAway: TurnedAway },
  pod: Pod,
  shortages: readonly Shortage[],
): boolean {
  if (!isCritical(pod)) return false
  const isLeaving = ({ metadata: { uid = '' } }: Pod): boolean => turnedAway.has(uid)
  const others = room.others(pod.metadata.uid ?? '')
  const victims = podsToPreempt(pod, others, shortages, isLeaving)
  for (const victim of victims ?? []) {
    room.release(victim.metadata.uid ?? '')
    turnedAway.evict(victim, preempted(victim))
  }
  return victims !== undefined
}
