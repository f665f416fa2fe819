import type { Pod } from '../../domain/pod.ts'
import { resizeState, type ResizeState } from '../../domain/resize/reporting/state.ts'
import { refOf } from '../cluster/targets.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'

/** What programs are told of a pod that is asked to have the size that it asks for already. */
export function unchangedDocument(pod: Pod): object {
  const { uid } = pod.metadata
  return { ...refOf(pod), ...(uid && { uid }), verdict: 'unchanged', resize: resizeState(pod) }
}

/** The size is asked for; a no of the node to it stays one. */
export function exitOfUnchanged(pod: Pod): ExitCode {
  const { kind } = resizeState(pod)
  switch (kind) {
    case 'settled':
      return exitCodes.done
    case 'inProgress':
    case 'notYetObserved':
      return exitCodes.warnings
    case 'deferred':
    case 'infeasible':
    case 'failed':
      return exitCodes.no
    default:
      return kind satisfies never
  }
}

const pendingWords = {
  settled: undefined,
  inProgress: 'the node is carrying it out',
  notYetObserved: 'the node has not looked at it yet',
  deferred: 'it is deferred',
  infeasible: 'it is infeasible',
  failed: 'the node could not carry it out and tries again',
} as const satisfies Record<ResizeState['kind'], string | undefined>

/** One line about the pod for people. */
export function unchangedText(pod: Pod): string {
  const { namespace, name } = refOf(pod)
  const pending = pendingWords[resizeState(pod).kind]
  const more =
    pending === undefined ? '' : `, but ${pending}: see podfit why ${name} -n ${namespace}`
  return `pod ${name} has this size already: nothing to send${more}`
}
