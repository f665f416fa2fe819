import type { ResizeState } from '../domain/resize/reporting/state.ts'

/** A no of the node. */
export type NodeNo = Pick<
  Extract<ResizeState, { kind: 'deferred' | 'infeasible' }>,
  'kind' | 'message'
>

/** Why the node says no, for people: it gives no reason before Kubernetes 1.33. */
export function nodeReason({ kind, message }: NodeNo): string {
  if (message !== '') return message
  return kind === 'deferred' ? 'the node has no room now' : 'the node can never grant it'
}
