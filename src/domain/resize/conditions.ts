import { withoutFigures } from '../without-figures.ts'
import type { PodCondition } from '../pod.ts'

/** The node has not accepted the wanted size (Kubernetes 1.33+). */
export const pendingType = 'PodResizePending'

/** The node has accepted a size that the containers do not have yet (Kubernetes 1.33+). */
export const inProgressType = 'PodResizeInProgress'

export type PendingReason = 'Deferred' | 'Infeasible'

/** Conditions after a change, and whether the change is one that people are told about. */
export interface ConditionChange {
  readonly conditions: readonly PodCondition[]
  /** Worth an event, by the rules of the kubelet. */
  readonly changed: boolean
}

export interface Cleared {
  readonly conditions: readonly PodCondition[]
  /** The condition that was there. Its `observedGeneration` belongs in the event. */
  readonly cleared: PodCondition | undefined
}

export interface PendingUpdate {
  readonly reason: PendingReason
  readonly message: string
  /** Generation of the spec that was refused. */
  readonly generation: number
  /** RFC 3339, whole seconds, as `metav1.Time` has it. */
  readonly now: string
}

export interface ProgressUpdate {
  /** The error that stopped the resize; absent while it simply runs. */
  readonly error?: string
  /** Generation of the spec whose allocation is being carried out. */
  readonly generation: number
  readonly now: string
}

/** The first condition of the type; later ones of the same type do not count in Kubernetes either. */
export function conditionOf(
  conditions: readonly PodCondition[] | undefined,
  type: string,
): PodCondition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

function without(conditions: readonly PodCondition[], type: string): readonly PodCondition[] {
  return conditions.filter((condition) => condition.type !== type)
}

function replace(
  conditions: readonly PodCondition[],
  condition: PodCondition,
): readonly PodCondition[] {
  const at = conditions.findIndex(({ type }) => type === condition.type)
  return at === -1 ? [...conditions, condition] : conditions.with(at, condition)
}

function clear(conditions: readonly PodCondition[], type: string): Cleared {
  const cleared = conditionOf(conditions, type)
  return { conditions: cleared ? without(conditions, type) : conditions, cleared }
}

function written(
  type: string,
  content: { readonly reason?: string; readonly message?: string; readonly generation: number },
  old: PodCondition | undefined,
  now: string,
): PodCondition {
  const kept = old !== undefined && (old.reason ?? '') === (content.reason ?? '')
  return {
    type,
    status: 'True',
    ...(content.reason ? { reason: content.reason } : {}),
    ...(content.message ? { message: content.message } : {}),
    lastProbeTime: now,
    lastTransitionTime: kept ? (old.lastTransitionTime ?? now) : now,
    observedGeneration: content.generation,
  }
}

/**
 * Says that the node refused the wanted size, for now or for good.
 *
 * Changed (an event is due) if the condition is new or its reason or generation differ;
 * a message alone, such as a moving `used:` figure, is updated without one.
 *
 * @see kubelet's status manager, SetPodResizePendingCondition.
 */
export function setPending(
  conditions: readonly PodCondition[],
  { reason, message, generation, now }: PendingUpdate,
): ConditionChange {
  const old = conditionOf(conditions, pendingType)
  const next = written(pendingType, { reason, message, generation }, old, now)
  const changed = old?.reason !== reason || old.observedGeneration !== generation
  return { conditions: replace(conditions, next), changed }
}

/** Nothing is pending: the size was accepted, or the user took the request back. */
export function clearPending(conditions: readonly PodCondition[]): Cleared {
  return clear(conditions, pendingType)
}

/**
 * Says that an accepted size is being applied, or why that failed.
 *
 * Without `error` an error that is already there stays: the next attempt has not
 * succeeded yet. The generation of an existing condition never changes. Changed (an
 * event is due, if it is an error) if the condition is new or its reason or message differ in
 * more than numbers: usage moves from one try to the next, and is no news.
 *
 * @see kubelet's status manager, SetPodResizeInProgressCondition.
 */
export function setInProgress(
  conditions: readonly PodCondition[],
  { error, generation, now }: ProgressUpdate,
): ConditionChange {
  const old = conditionOf(conditions, inProgressType)
  const text = error ? { reason: 'Error', message: error } : textOf(old)
  const content = { ...text, generation: old?.observedGeneration ?? generation }
  const next = written(inProgressType, content, old, now)
  const changed = !old || old.reason !== next.reason || !sameButForNumbers(old, next)
  return { conditions: replace(conditions, next), changed }
}

function sameButForNumbers(one: PodCondition, other: PodCondition): boolean {
  const [first, second] = [one, other].map(({ message = '' }) => withoutFigures(message))
  return first === second
}

function textOf(condition: PodCondition | undefined): { reason?: string; message?: string } {
  return {
    ...(condition?.reason ? { reason: condition.reason } : {}),
    ...(condition?.message ? { message: condition.message } : {}),
  }
}

/** A new size was accepted: progress starts over, and an older error is forgotten. */
export function startProgress(
  conditions: readonly PodCondition[],
  update: { readonly generation: number; readonly now: string },
): ConditionChange {
  const accepted = clearPending(clearInProgress(conditions).conditions).conditions
  return setInProgress(accepted, update)
}

/** Everything accepted has been applied. */
export function clearInProgress(conditions: readonly PodCondition[]): Cleared {
  return clear(conditions, inProgressType)
}

/** A pod that has ended has no resize left, whatever was under way. */
export function clearBoth(conditions: readonly PodCondition[]): readonly PodCondition[] {
  return without(without(conditions, pendingType), inProgressType)
}
