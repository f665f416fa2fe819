import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { PodSpec } from '../../pod.ts'
import { resizeEvent, type ResizeNews } from './events.ts'
import type { KubeVersion } from '../../kube-version.ts'

const spec: PodSpec = {
  initContainers: [{ name: 's', resources: { requests: { cpu: '0.1' } } }],
  containers: [
    { name: 'c1', resources: { requests: { memory: '1Gi', cpu: '1' }, limits: { cpu: '1000m' } } },
    { name: 'c2' },
  ],
}
const sizes =
  '"initContainers":[{"name":"s","resources":{"requests":{"cpu":"100m"}}}],' +
  '"containers":[{"name":"c1","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"1","memory":"1Gi"}}},' +
  '{"name":"c2","resources":{}}]'
const deferred: ResizeNews = { kind: 'deferred', rawReason: 'OutOfcpu', message: 'no room' }
const infeasible: ResizeNews = { kind: 'infeasible', message: 'never', detail: 'swap_limitation' }
const tooLarge: ResizeNews = { ...infeasible, detail: 'insufficient_node_allocatable' }
const error: ResizeNews = { kind: 'error', message: 'a <b> & "c"' }

const cases: readonly (readonly [ResizeNews, KubeVersion, string | undefined])[] = [
  [
    { kind: 'started' },
    '1.36',
    `Normal ResizeStarted Pod resize started: {${sizes},"generation":2}`,
  ],
  [
    { kind: 'completed' },
    '1.36',
    `Normal ResizeCompleted Pod resize completed: {${sizes},"generation":2}`,
  ],
  [
    deferred,
    '1.36',
    `Warning ResizeDeferred Pod resize OutOfcpu: {${sizes},"generation":2,"error":"no room"}`,
  ],
  [
    infeasible,
    '1.36',
    `Warning ResizeInfeasible Pod resize Infeasible: {${sizes},"generation":2,"error":"never"}`,
  ],
  [
    error,
    '1.36',
    `Warning ResizeError Pod resize error: {${sizes},"generation":2,"error":"a \\u003cb\\u003e \\u0026 \\"c\\""}`,
  ],
  [
    deferred,
    '1.35',
    `Warning ResizeDeferred Pod resize Deferred: {${sizes},"generation":2,"error":"no room"}`,
  ],
  [
    tooLarge,
    '1.35',
    `Warning ResizeInfeasible Pod resize Infeasible: {${sizes},"generation":2,"error":"never"}`,
  ],
  [infeasible, '1.35', undefined],
  [{ ...infeasible, detail: 'plr_feature_gate_off' }, '1.35', undefined],
  [{ kind: 'started' }, '1.34', undefined],
  [deferred, '1.34', undefined],
  [{ kind: 'completed' }, '1.34', `Normal ResizeCompleted Pod resize completed: {${sizes}}`],
  [{ kind: 'completed' }, '1.33', undefined],
  [deferred, '1.33', undefined],
  [deferred, '1.32', 'Warning ResizeDeferred no room'],
  [infeasible, '1.32', 'Warning ResizeInfeasible never'],
  [{ kind: 'started' }, '1.32', undefined],
]

describe('events (6.1)', () => {
  for (const [news, version, expected] of cases) {
    test(`${news.kind} (${version})`, () => {
      const event = resizeEvent(news, spec, 2, version)
      const text = event && `${event.type} ${event.reason} ${event.message}`
      assert.equal(text, expected)
    })
  }

  test('init containers are left out where there are none', () => {
    const event = resizeEvent({ kind: 'started' }, { containers: [{ name: 'a' }] }, 1)
    assert.equal(
      event?.message,
      'Pod resize started: {"containers":[{"name":"a","resources":{}}],"generation":1}',
    )
  })
})
