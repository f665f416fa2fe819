import type { PodCondition } from '../../pod.ts'
import { conditionOf } from '../conditions.ts'

/** Processes of the pod have another `oom_score_adj` than its memory requests stand for. */
export const oomScoreType = 'podfit.dev/OOMScoreAdjKept'

/** A running container whose processes could not be given the score of its new request. */
export interface KeptOomScore {
  readonly container: string
  readonly holds: number
  readonly wanted: number
}

/**
 * The conditions with what is true of one container now: it keeps an older score until it
 * starts again, or, where `kept` is undefined, it has the right one.
 */
export function withOomScore(
  conditions: readonly PodCondition[],
  container: string,
  kept: KeptOomScore | undefined,
  now: string,
): readonly PodCondition[] {
  const old = conditionOf(conditions, oomScoreType)
  const others = conditions.filter(({ type }) => type !== oomScoreType)
  const sentences = (old?.message ?? '')
    .split('; ')
    .filter((one) => one !== '' && !one.startsWith(`${subject(container)} `))
  const all = kept === undefined ? sentences : [...sentences, sentence(kept)]
  if (all.length === 0) return old === undefined ? conditions : others
  const condition: PodCondition = {
    type: oomScoreType,
    status: 'True',
    reason: 'NotPermitted',
    message: all.join('; '),
    lastTransitionTime: old?.lastTransitionTime ?? now,
  }
  return [...others, condition]
}

function subject(container: string): string {
  return `container ${JSON.stringify(container)}`
}

function sentence({ container, holds, wanted }: KeptOomScore): string {
  return `${subject(container)} keeps oom_score_adj ${holds} instead of ${wanted} until it starts again, because lowering it needs CAP_SYS_RESOURCE`
}
