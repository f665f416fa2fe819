import type { Probe, ProbeKind } from '../pod/probe.ts'

/** How one try ended. */
export type ProbeOutcome =
  | { readonly kind: 'success' }
  | { readonly kind: 'failure'; readonly message: string }
  /** A failure, too: no answer within the probe's timeout. */
  | { readonly kind: 'overrun'; readonly message: string }
  /** Nobody could be asked: this says nothing about the container. */
  | { readonly kind: 'unknown'; readonly message: string }

export type ProbeResult = 'success' | 'failure' | 'unknown'

/** What the tries up to now add up to. */
export interface ProbeState {
  readonly result: ProbeResult
  /** How the last try counted, and how many in a row have counted so. */
  readonly last: 'success' | 'failure' | undefined
  readonly inARow: number
}

const firstResults: Readonly<Record<ProbeKind, ProbeResult>> = {
  startup: 'unknown',
  readiness: 'failure',
  liveness: 'success',
}

/** Before the first try: not started, not ready, alive. */
export function firstState(kind: ProbeKind, result: ProbeResult = firstResults[kind]): ProbeState {
  return { result, last: undefined, inARow: 0 }
}

/** The state after one more try: the result changes when enough in a row say so. */
export function nextState(state: ProbeState, outcome: ProbeOutcome, probe: Probe): ProbeState {
  if (outcome.kind === 'unknown') return state
  const counted = outcome.kind === 'success' ? 'success' : 'failure'
  const inARow = state.last === counted ? state.inARow + 1 : 1
  const { successThreshold, failureThreshold } = timingOf(probe)
  const enough = inARow >= (counted === 'success' ? successThreshold : failureThreshold)
  return { last: counted, inARow, result: enough ? counted : state.result }
}

/** Kubernetes' defaults filled in. Milliseconds and counts. */
export function timingOf(probe: Probe) {
  return {
    initialDelayMs: (probe.initialDelaySeconds ?? 0) * 1000,
    periodMs: (probe.periodSeconds || 10) * 1000,
    timeoutSeconds: probe.timeoutSeconds || 1,
    successThreshold: probe.successThreshold || 1,
    failureThreshold: probe.failureThreshold || 3,
  }
}
