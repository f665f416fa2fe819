import type { Pod } from '../../../domain/pod.ts'
import type { CgroupLook } from '../../cgroups/cgroup-look.ts'
import type { Sighting } from '../../cluster/pod-client.ts'
import { outcomeOf } from './follow-outcome.ts'
import type { FollowState } from './follow-state.ts'
import { progressAfter, progressAtStart } from './layer-progress.ts'
import type { LayerState } from './layer-state.ts'
import { nodeAnswer } from './node-answer.ts'
import { layerStates } from './resize-layers.ts'
import { asksForTarget, type ResizeTarget } from './resize-target.ts'

const apiLayers = ['desired', 'allocated', 'status'] as const

/** What a followed resize is told of, with the cgroups as they were looked at then. */
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
  return {
    target,
    sentAt,
    deadline: sentAt + timeoutMs,
    graceMs,
    pod: target.before,
    look,
    layers: progressAtStart(layerStates(target, target.before, look)),
    resize: { kind: 'notYetObserved' },
  }
}

/**
 * What is known after one more observation. Level-triggered: layers are judged by
 * the newest picture alone, so a repeated or a missed observation does no harm.
 */
export function follow(state: FollowState, observation: Observation): FollowState {
  if (state.outcome !== undefined) return state
  if (isGone(state, observation)) return { ...state, outcome: { kind: 'gone' } }
  const looked = { ...seen(state, observation), look: observation.look }
  const next = judged(looked, observation.at)
  const outcome = outcomeOf(next, observation.at)
  return outcome === undefined ? next : { ...next, outcome }
}

/** Where the layers are by the newest picture, and what the node says to that. */
function judged(state: FollowState, at: number): FollowState {
  const { settledAt, ...rest } = state
  const states = layerStates(state.target, state.pod, state.look)
  const layers = progressAfter(state.layers, states, at - state.sentAt)
  const isSettled = apiLayers.every((layer) => isPassed(layers[layer].state))
  return {
    ...rest,
    layers,
    resize: nodeAnswer(state, at),
    ...(isSettled ? { settledAt: settledAt ?? at } : {}),
  }
}

function isPassed({ kind }: LayerState): boolean {
  return kind === 'reached' || kind === 'notNow'
}

function isGone({ target }: FollowState, observation: Observation): boolean {
  if (observation.kind !== 'sighting') return false
  const { sighting } = observation
  return sighting.kind === 'missing' || sighting.pod.metadata.uid !== target.before.metadata.uid
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
