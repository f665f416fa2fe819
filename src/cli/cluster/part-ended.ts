import type { Pod } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import type { PodTargets } from './targets.ts'

/** Of a selection those pods are not meant that have ended; a pod that is named always is. */
export function partEnded(
  pods: readonly Pod[],
  { kind }: PodTargets,
): { readonly meant: readonly Pod[]; readonly ended: readonly Pod[] } {
  if (kind === 'named') return { meant: pods, ended: [] }
  return {
    meant: pods.filter((pod) => !isOver(pod.status)),
    ended: pods.filter(({ status }) => isOver(status)),
  }
}
