import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../pod.ts'
import { type CrashBackOff, nextBackOff } from './crash-back-off.ts'
import { decidePod, type PodDecision } from './decide.ts'
import type { ObservedContainer, ObservedPod } from './observed.ts'

const now = 1_000_000
const sandbox = { id: 's', attempt: 0, ready: true, createdAt: 100, ips: [] }

function container(name: string, part: Partial<ObservedContainer> = {}): ObservedContainer {
  const whole = {
    id: `${name}-id`,
    name,
    attempt: 0,
    state: 'running',
    createdAt: 200,
    image: 'i',
    imageId: 'i',
  }
  return { ...whole, ...part } as ObservedContainer
}

function exited(
  name: string,
  exitCode: number,
  part: Partial<ObservedContainer> = {},
): ObservedContainer {
  return container(name, { state: 'exited', exitCode, finishedAt: 500, ...part })
}

function decide(
  spec: Partial<PodSpec>,
  observed: Partial<ObservedPod>,
  backOffs: [string, CrashBackOff][] = [],
  restarting: string[] = [],
): PodDecision {
  return decidePod(
    { containers: [{ name: 'a' }], ...spec },
    { sandboxes: [sandbox], containers: [], ...observed },
    { backOffs: new Map(backOffs), restarting: new Set(restarting), now },
  )
}

/** `a#0 b#1` for the containers that are to start, with their attempts. */
function starts(decision: PodDecision): string {
  assert.equal(decision.kind, 'run')
  return decision.starts.map((one) => `${one.container.name}#${one.attempt}`).join(' ')
}

test('a pod without a sandbox gets one', () => {
  assert.deepEqual(decide({}, { sandboxes: [] }), { kind: 'createSandbox', attempt: 0 })
})

test('a dead sandbox is replaced by the next attempt', () => {
  const dead = { ...sandbox, ready: false, attempt: 2 }
  assert.deepEqual(decide({}, { sandboxes: [dead] }), { kind: 'createSandbox', attempt: 3 })
})

test('all regular containers start together', () => {
  const spec = { containers: [{ name: 'a' }, { name: 'b' }] }
  assert.equal(starts(decide(spec, {})), 'a#0 b#0')
})

test('running containers are left alone', () => {
  assert.equal(starts(decide({}, { containers: [container('a')] })), '')
})

test('a container that was created and never started is made anew under its number', () => {
  const created = container('a', { state: 'created', attempt: 3 })
  assert.equal(starts(decide({}, { containers: [created] })), 'a#3')
})

test('a container of an older sandbox starts again in the new one', () => {
  const old = container('a', { createdAt: 50 })
  assert.equal(starts(decide({ restartPolicy: 'Never' }, { containers: [old] })), 'a#1')
})

test('a clock that was put back does not make a container one of an older sandbox', () => {
  const own = container('a', { createdAt: 50, sandboxId: 's' })
  assert.equal(starts(decide({}, { containers: [own] })), '')
  const old = container('a', { createdAt: 200, sandboxId: 'before' })
  assert.equal(starts(decide({}, { containers: [old] })), 'a#1')
})

test('what has done its work in an older sandbox is not done again, but what was stopped with it is', () => {
  const old = { createdAt: 50 }
  const containers = [exited('a', 0, old), exited('b', 0, old), exited('c', 137, old)]
  const spec: Partial<PodSpec> = {
    restartPolicy: 'OnFailure',
    containers: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
  }
  assert.equal(starts(decide(spec, { containers }, [], ['b-id'])), 'b#1 c#1')
})

for (const [policy, exitCode, expected] of [
  ['Always', 0, 'a#1'],
  ['Always', 1, 'a#1'],
  ['OnFailure', 0, 'Succeeded'],
  ['OnFailure', 1, 'a#1'],
  ['Never', 0, 'Succeeded'],
  ['Never', 1, 'Failed'],
] as const) {
  test(`restartPolicy ${policy} after exit ${exitCode}: ${expected}`, () => {
    const decision = decide({ restartPolicy: policy }, { containers: [exited('a', exitCode)] })
    assert.equal(decision.kind === 'finished' ? decision.phase : starts(decision), expected)
  })
}

test('a container in back-off waits and says until when', () => {
  const finishedAt = now - 4000
  const decision = decide({}, { containers: [exited('a', 1, { finishedAt })] }, [
    ['a', { delayMs: 10_000, since: finishedAt - 1000 }],
  ])
  assert.deepEqual(decision, {
    kind: 'run',
    starts: [],
    backingOff: [{ container: 'a', until: finishedAt + 10_000, delayMs: 10_000 }],
  })
})

for (const [state, createdAt, expected] of [
  // It waits for its next try in a way of its own.
  ['created', now - 1000, 'a#1'],
  // When it ended nobody knows: at last when it was made.
  ['unknown', now - 10_000, 'a#2'],
  ['unknown', now - 1000, ''],
] as const) {
  test(`after a crash, a ${state} container of ${createdAt - now} ms: starts ${expected}`, () => {
    const latest = container('a', { state, createdAt, attempt: 1 })
    const backOff = { delayMs: 10_000, since: now - 20_000 }
    assert.equal(starts(decide({}, { containers: [latest] }, [['a', backOff]])), expected)
  })
}

test('back-off doubles from 10 s to 5 min and starts over after 10 quiet minutes', () => {
  let backOff: CrashBackOff | undefined
  const delays: number[] = []
  for (let run = 0; run < 7; run += 1) {
    backOff = nextBackOff(backOff, run * 1000, run * 1000)
    delays.push(backOff.delayMs / 1000)
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300])
  assert.equal(nextBackOff(backOff, 700_000, 700_000).delayMs, 10_000)
})

const inits: Partial<PodSpec> = {
  initContainers: [{ name: 'i1' }, { name: 's', restartPolicy: 'Always' }, { name: 'i2' }],
}

for (const [title, containers, expected] of [
  ['init containers start one after the other', [], 'i1#0'],
  ['a running init container is waited for', [container('i1')], ''],
  ['a sidecar starts when the one before it is done', [exited('i1', 0)], 's#0'],
  [
    'the next init container starts beside a running sidecar',
    [exited('i1', 0), container('s')],
    'i2#0',
  ],
  [
    'the regular containers start after the last init container',
    [exited('i1', 0), container('s'), exited('i2', 0)],
    'a#0',
  ],
  [
    'a sidecar that exits later starts again and holds nobody up',
    [exited('i1', 0), exited('s', 1), exited('i2', 0), container('a')],
    's#1',
  ],
  ['a failed init container is tried again', [exited('i1', 1)], 'i1#1'],
] as const) {
  test(title, () => {
    assert.equal(starts(decide(inits, { containers })), expected)
  })
}

test('a failed init container ends a pod that never restarts', () => {
  const decision = decide({ ...inits, restartPolicy: 'Never' }, { containers: [exited('i1', 1)] })
  assert.deepEqual(decision, { kind: 'finished', phase: 'Failed' })
})

test('no sandbox for what would not start in it: what runs without one is at its end', () => {
  const dead = { sandboxes: [{ ...sandbox, ready: false }] }
  const spec: Partial<PodSpec> = { containers: [{ name: 'a' }, { name: 'b' }] }
  const without = (policy: string, containers: ObservedContainer[]) =>
    decide({ ...spec, restartPolicy: policy }, { ...dead, containers })
  const running = [container('a'), exited('b', 0)]
  assert.deepEqual(without('Never', running), { kind: 'finished', phase: 'Failed' })
  const again = { kind: 'createSandbox', attempt: 1 }
  assert.deepEqual(without('OnFailure', running), again)
  // One that was never made may still have its first run.
  assert.deepEqual(without('Never', [container('a')]), again)
  const init = decide(
    { ...inits, restartPolicy: 'Never' },
    { ...dead, containers: [container('i1')] },
  )
  assert.deepEqual(init, { kind: 'finished', phase: 'Failed' })
})

test('a container that was stopped for its new size starts at once, whatever its policy says', () => {
  const stopped = exited('a', 0, { finishedAt: now })
  const backOff: [string, CrashBackOff][] = [['a', { delayMs: 10_000, since: now }]]
  const spec: Partial<PodSpec> = { restartPolicy: 'OnFailure' }
  assert.equal(starts(decide(spec, { containers: [stopped] }, backOff, ['a-id'])), 'a#1')
})
