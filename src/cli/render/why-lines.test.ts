import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import type { ContainerState, Pod } from '../../domain/pod.ts'
import { explainWait } from '../../operate/why/explain-wait.ts'
import { whyLines } from './why-lines.ts'

const size = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }

function linesAbout(pod: Pod): readonly string[] {
  const explanation = explainWait({
    pod,
    look: { kind: 'unseen', why: 'it is elsewhere' },
    node: { kind: 'unseen', why: 'no right to see it' },
    events: { kind: 'seen', events: [] },
    asked: [{ at: '2026-01-31T12:00:04.123Z', source: 'podfit', what: 'asked for more' }],
    version: '1.36',
  })
  return whyLines(explanation, (_, text) => text, new Date('2026-01-31T12:01:00Z'))
}

function withState(state: ContainerState): Pod {
  const pod = runningPod(size)
  const [status] = settledStatus(size, 1).containerStatuses ?? []
  assert.ok(status)
  return { ...pod, status: { ...pod.status, containerStatuses: [{ ...status, state }] } }
}

test('a pod without a node is not said to have its size', () => {
  const pod = runningPod(size)
  const { nodeName: _, ...spec } = pod.spec
  const [, words] = linesAbout({ ...pod, spec })
  assert.equal(
    words,
    '  no resize waits: the pod is not on a node yet, and starts with what it asks for',
  )
})

test('what cannot be told about a settled pod is named with its code', () => {
  const lines = linesAbout(withState({ waiting: { reason: 'CrashLoopBackOff' } }))
  assert.equal(lines[1], '  no resize waits, but not everything can be told about the pod now')
  assert.ok(
    lines.includes('  RS107   Container app is not running (CrashLoopBackOff)'),
    lines.join('\n'),
  )
})

test('times are whole seconds, whatever clock they are by', () => {
  const lines = linesAbout(runningPod(size))
  assert.ok(lines.includes('  2026-01-31T12:00:04Z  podfit      asked for more'), lines.join('\n'))
})
