import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PodSpec } from '../../pod.ts'
import { sizeOf } from '../../resources/size.ts'
import type { RunningContainer } from './container-updates.ts'
import { partlyDone, partlyDoneMessage, takenBackMessage } from './partly-done.ts'

function spec(...cpus: readonly string[]): PodSpec {
  const names = ['a', 'b', 'c']
  return {
    containers: cpus.map((cpu, index) => ({
      name: names[index] ?? '',
      resources: { requests: { cpu } },
    })),
  }
}

function running(name: string, cpu: string, updating?: string): RunningContainer {
  const actuated = sizeOf({ requests: { cpu } })
  const size = updating === undefined ? {} : { updating: sizeOf({ requests: { cpu: updating } }) }
  return { name, containerId: name, actuated, ...size }
}

const before = spec('1', '1', '3')
const allocated = spec('2', '2', '3')

test('whoever does not run or does not change has no part in it', () => {
  const all = [running('a', '2'), running('c', '3')]
  assert.deepEqual(partlyDone(before, allocated, all), { resized: ['a'], notYet: [] })
})

test('an update that was not seen to end is none', () => {
  const all = [running('a', '2'), running('b', '2', '2'), running('c', '3')]
  assert.deepEqual(partlyDone(before, allocated, all), { resized: ['a'], notYet: ['b'] })
})

test('who has the new size is told where some have it and some do not', () => {
  assert.equal(partlyDoneMessage('no', { resized: [], notYet: ['a', 'b'] }), 'no')
  assert.equal(partlyDoneMessage('no', { resized: ['a'], notYet: [] }), 'no')
  assert.equal(
    partlyDoneMessage('no', { resized: ['a', 'b'], notYet: ['c'] }),
    'no; resized already: "a", "b", not yet: "c"',
  )
  assert.match(takenBackMessage('no', { resized: ['a', 'b'], notYet: ['c'] }), /to "a", "b", and/)
})
