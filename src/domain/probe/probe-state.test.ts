import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { healthOf, probesToRun } from './container-health.ts'
import type { ProbeKind } from '../pod/probe.ts'
import { firstState, nextState, type ProbeOutcome, type ProbeResult } from './probe-state.ts'

const outcomes: Readonly<Record<string, ProbeOutcome>> = {
  s: { kind: 'success' },
  f: { kind: 'failure', message: '' },
  o: { kind: 'overrun', message: '' },
  u: { kind: 'unknown', message: '' },
}

function after(kind: ProbeKind, tries: string, probe = {}): ProbeResult {
  let state = firstState(kind)
  for (const letter of tries)
    state = nextState(state, outcomes[letter] ?? { kind: 'success' }, probe)
  return state.result
}

describe('nextState', () => {
  const cases: readonly [ProbeKind, string, object, ProbeResult][] = [
    ['readiness', '', {}, 'failure'],
    ['liveness', '', {}, 'success'],
    ['startup', '', {}, 'unknown'],
    ['readiness', 's', {}, 'success'],
    ['readiness', 's', { successThreshold: 2 }, 'failure'],
    ['readiness', 'ss', { successThreshold: 2 }, 'success'],
    ['liveness', 'ff', {}, 'success'],
    ['liveness', 'fff', {}, 'failure'],
    ['liveness', 'ffsff', {}, 'success'],
    ['liveness', 'fof', {}, 'failure'],
    ['liveness', 'ffuf', {}, 'failure'],
    ['liveness', 'uuuu', {}, 'success'],
    ['startup', 'f', { failureThreshold: 1 }, 'failure'],
  ]
  for (const [kind, tries, probe, result] of cases) {
    test(`${kind} after "${tries}" with ${JSON.stringify(probe)} is ${result}`, () => {
      assert.equal(after(kind, tries, probe), result)
    })
  }
})

describe('healthOf', () => {
  const container = { name: 'a', startupProbe: {}, readinessProbe: {}, livenessProbe: {} }

  test('nothing but the startup probe counts before it succeeds', () => {
    const results = { startup: 'unknown', readiness: 'success', liveness: 'success' } as const
    assert.deepEqual(healthOf(container, results), {
      started: false,
      ready: false,
      failed: undefined,
    })
    assert.deepEqual(probesToRun(container, results), ['startup'])
  })

  test('readiness and liveness take over from the startup probe', () => {
    const results = { startup: 'success', readiness: 'success', liveness: 'failure' } as const
    assert.deepEqual(healthOf(container, results), {
      started: true,
      ready: true,
      failed: 'liveness',
    })
    assert.deepEqual(probesToRun(container, results), ['readiness', 'liveness'])
  })

  test('without probes a running container is started and ready', () => {
    assert.deepEqual(healthOf({ name: 'a' }, {}), {
      started: true,
      ready: true,
      failed: undefined,
    })
  })
})
