import { type Pod } from '../../domain/pod.ts'
import { conditionOf, pendingType } from '../../domain/resize/conditions.ts'
import { type ResizeState } from '../../domain/resize/reporting/state.ts'
import { type CgroupLook } from '../cgroups/cgroup-look.ts'
import {
  layerStates,
  resizeLayers,
  targetState,
  type LayerState,
  type ResizeLayer,
} from './resize-layers.ts'
import { asksForTarget, type ResizeTarget } from './resize-target.ts'
import { type Sighting } from '../cluster/pod-client.ts'

/** How a followed resize ended. */
export type FollowOutcome =
  /** Every layer that can be seen holds the new size; `unseen` says what could not be looked at. */
  | { readonly kind: 'done'; readonly unseen: readonly string[] }
  /** The API says done, the kernel does not hold it. */
  | { readonly kind: 'drift' }
  | { readonly kind: 'deferred'; readonly message: string }
  | { readonly kind: 'infeasible'; readonly message: string }
  /** The node keeps failing to carry it out; the old size still holds. */
  | { readonly kind: 'failing'; readonly message: string }
  /** Somebody changed the size again. */
  | { readonly kind: 'superseded' }
  /** The pod was deleted or replaced by one of the same name. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'timedOut'; readonly waitingFor: ResizeLayer; readonly why: string }

export interface LayerProgress {
  readonly state: LayerState
  /** Milliseconds from the sending of the patch, once reached. */
  readonly afterMs?: number
  /** It held the new values before the patch already. */
  readonly unchanged?: boolean
}

/** Everything known about a resize under way. Times are milliseconds of one monotonic clock. */
export interface FollowState {
  readonly target: ResizeTarget
  readonly sentAt: number
  readonly deadline: number
  /** How long the cgroups may lag behind a status that says done before it is called drift. */
  readonly graceMs: number
  readonly pod: Pod
  readonly look: CgroupLook
  readonly layers: Readonly<Record<ResizeLayer, LayerProgress>>
  /** What the node says about the wanted size. */
  readonly resize: ResizeState
  /** The watch has shown the pod with the wanted size. */
  readonly sighted?: boolean
  /** When the API's layers were all reached. */
  readonly settledAt?: number
  readonly outcome?: FollowOutcome
}

export type Observation =
  /** The server's answer to the patch. */
  | { readonly kind: 'answer'; readonly at: number; readonly pod: Pod; readonly look: CgroupLook }
  | {
      readonly kind: 'sighting'
      readonly at: number
      readonly sighting: Sighting
      readonly look: CgroupLook
    }
  /** Only the cgroups were looked at, or only time went by. */
  | { readonly kind: 'look'; readonly at: number; readonly look: CgroupLook }

export interface FollowStart {
  readonly target: ResizeTarget
  readonly look: CgroupLook
  readonly sentAt: number
  readonly timeoutMs: number
  readonly graceMs: number
}

/** The state at the moment the patch is sent. */
export function startFollowing(start: FollowStart): FollowState {
  const { look, sentAt, timeoutMs, graceMs } = start
  const target = withGeneration(start.target, start.target.before)
  const states = layerStates(target, target.before, look)
  const layers = Object.fromEntries(
    resizeLayers.map((layer) => {
      const unchanged = states[layer].kind === 'reached'
      return [layer, { state: states[layer], ...(unchanged ? { unchanged } : {}) }]
    }),
  ) as Record<ResizeLayer, LayerProgress>
  return {
    target,
    sentAt,
    deadline: sentAt + timeoutMs,
    graceMs,
    pod: target.before,
    look,
    layers,
    resize: { kind: 'notYetObserved' },
  }
}

function isOlder(state: FollowState, pod: Pod): boolean {
  const { generation } = state.target
  return generation !== undefined && (pod.metadata.generation ?? 0) < generation
}

/** Whoever carries on what was sent before meets a pod that asks for its new size already. */
function withGeneration(target: ResizeTarget, pod: Pod): ResizeTarget {
  if (!asksForTarget(target, pod)) return target
  return { ...target, generation: target.generation ?? pod.metadata.generation }
}

/** The newest picture of the pod, with the target's generation as soon as it shows. */
function withPod(state: FollowState, pod: Pod): FollowState {
  if (isOlder(state, pod)) return state
  const { target } = state
  if (!asksForTarget(target, pod)) return { ...state, pod }
  return { ...state, pod, sighted: true, target: withGeneration(target, pod) }
}

function withAnswer(state: FollowState, answer: Pod): FollowState {
  // The answer may be older than what the watch has shown in the meantime.
  const target = {
    ...state.target,
    wanted: answer,
    generation: answer.metadata.generation ?? state.target.generation,
  }
  const isNewer = (state.pod.metadata.generation ?? 0) < (answer.metadata.generation ?? 0)
  return { ...state, target, pod: isNewer || state.pod === target.before ? answer : state.pod }
}

function progressOfLayer(before: LayerProgress, state: LayerState, afterMs: number): LayerProgress {
  if (state.kind !== 'reached') return { state }
  if (before.unchanged === true) return { state, unchanged: true }
  return { state, afterMs: before.afterMs ?? afterMs }
}

function withLayers(state: FollowState, at: number): FollowState {
  const states = layerStates(state.target, state.pod, state.look)
  const layers = Object.fromEntries(
    resizeLayers.map((layer) => [
      layer,
      progressOfLayer(state.layers[layer], states[layer], at - state.sentAt),
    ]),
  ) as Record<ResizeLayer, LayerProgress>
  const settled = (['desired', 'allocated', 'status'] as const).every(
    (layer) => states[layer].kind === 'reached' || states[layer].kind === 'notNow',
  )
  const { settledAt, ...rest } = state
  return {
    ...rest,
    layers,
    resize:
      asksForTarget(state.target, state.pod) && !mayBeStale(state, at)
        ? targetState(state.target, state.pod)
        : { kind: 'notYetObserved' },
    ...(settled ? { settledAt: settledAt ?? at } : {}),
  }
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

/** Without generations (before 1.33) only the order of the watch tells older from newer. */
function isSuperseded({ target, pod, sighted }: FollowState): boolean {
  if (asksForTarget(target, pod)) return false
  if (target.generation === undefined) return sighted === true
  return (pod.metadata.generation ?? 0) > target.generation
}

function outcomeAtDeadline(state: FollowState): FollowOutcome {
  const { resize } = state
  if (resize.kind === 'deferred') return { kind: 'deferred', message: resize.message }
  if (resize.kind === 'failed') return { kind: 'failing', message: resize.message }
  if (state.settledAt !== undefined) return { kind: 'drift' }
  const waitingFor = resizeLayers.find((layer) => state.layers[layer].state.kind === 'waiting')
  const layer = waitingFor ?? 'status'
  const { state: last } = state.layers[layer]
  return { kind: 'timedOut', waitingFor: layer, why: last.kind === 'waiting' ? last.why : '' }
}

function outcomeOf(state: FollowState, at: number): FollowOutcome | undefined {
  if (isSuperseded(state)) return { kind: 'superseded' }
  if (state.resize.kind === 'infeasible') {
    return { kind: 'infeasible', message: state.resize.message }
  }
  const cgroups = [state.layers.containerCgroup.state, state.layers.podCgroup.state]
  if (state.settledAt !== undefined && cgroups.every(({ kind }) => kind !== 'waiting')) {
    const unseen = cgroups.flatMap((layer) => ('why' in layer ? [layer.why] : []))
    return { kind: 'done', unseen: [...new Set(unseen)] }
  }
  if (state.settledAt !== undefined && at - state.settledAt >= state.graceMs) {
    return { kind: 'drift' }
  }
  return at >= state.deadline ? outcomeAtDeadline(state) : undefined
}

function seen(state: FollowState, observation: Observation): FollowState {
  switch (observation.kind) {
    case 'answer':
      return withAnswer(state, observation.pod)
    case 'sighting':
      return observation.sighting.kind === 'pod' ? withPod(state, observation.sighting.pod) : state
    case 'look':
      return state
    default:
      return observation satisfies never
  }
}

function isGone({ target }: FollowState, observation: Observation): boolean {
  if (observation.kind !== 'sighting') return false
  const { sighting } = observation
  return sighting.kind === 'missing' || sighting.pod.metadata.uid !== target.before.metadata.uid
}

/**
 * What is known after one more observation. Level-triggered: layers are judged by
 * the newest picture alone, so a repeated or a missed observation does no harm.
 */
export function follow(state: FollowState, observation: Observation): FollowState {
  if (state.outcome !== undefined) return state
  if (isGone(state, observation)) return { ...state, outcome: { kind: 'gone' } }
  const looked = { ...seen(state, observation), look: observation.look }
  const next = withLayers(looked, observation.at)
  const outcome = outcomeOf(next, observation.at)
  return outcome === undefined ? next : { ...next, outcome }
}
