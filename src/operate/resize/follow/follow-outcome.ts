import { resizeLayers } from './layer-state.ts'
import type { FollowOutcome, FollowState } from './follow-state.ts'
import { asksForTarget } from './resize-target.ts'

/** How the resize has ended by what is known at `at`; undefined as long as it goes on. */
export function outcomeOf(state: FollowState, at: number): FollowOutcome | undefined {
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
