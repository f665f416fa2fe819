import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytes } from '../units.ts'
import { failureMessage } from './partly-done.ts'
import type { ResizeStep } from './plan.ts'

const update = (container: string): ResizeStep => ({
  kind: 'updateContainer',
  container,
  containerId: container,
  knobs: {},
  size: {},
})
const steps: readonly ResizeStep[] = [
  { kind: 'shrinkMemory', of: { kind: 'pod' }, to: bytes(1) },
  { kind: 'writePodCgroup', knobs: {} },
  { kind: 'writeContainer', container: 'a', containerId: 'a', knobs: {}, before: {} },
  update('a'),
  update('b'),
  { kind: 'restartContainer', container: 'c', containerId: 'c', reason: 'why' },
  { kind: 'writePodCgroup', knobs: {} },
]

test('who has the new size is told where some have it and some do not', () => {
  const tell = (done: number) => failureMessage('no', steps, done)
  assert.equal(tell(0), 'no')
  // What the node wrote itself goes back.
  assert.equal(tell(3), 'no')
  assert.equal(tell(4), 'no; resized already: "a", not yet: "b", "c"')
  assert.equal(tell(5), 'no; resized already: "a", "b", not yet: "c"')
  assert.equal(tell(6), 'no')
})
