import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Collection } from './collection.ts'
import { EventLog } from './event-log.ts'
import { makeStored, type Stored, type StoreEvent } from './stored.ts'

function stored(key: string, version: number): Stored {
  const metadata = { name: key }
  return makeStored(key, { kind: 'Thing', apiVersion: 'v1', metadata }, version)
}

/** Applies a change of `key` and returns the collection's next version. */
function change(collection: Collection, key: string, version: number, remove: boolean): void {
  const previous = collection.get(key)
  if (remove && previous === undefined) return
  const type = remove ? 'DELETED' : previous === undefined ? 'ADDED' : 'MODIFIED'
  const event: StoreEvent = {
    type,
    version,
    at: 0,
    current: stored(key, version),
    ...(previous === undefined ? {} : { previous }),
  }
  collection.apply(event)
}

function versions(items: readonly Stored[] | undefined): readonly string[] | undefined {
  return items?.map(({ key, version }) => `${key}@${version}`)
}

describe('collection', () => {
  it('lists in key order, by prefix', () => {
    const collection = new Collection(0)
    for (const [index, key] of ['b/2', 'a/1', 'b/1', 'a-b/1', 'b/10'].entries()) {
      change(collection, key, index + 1, false)
    }
    assert.deepEqual(
      collection.list('').map(({ key }) => key),
      ['a-b/1', 'a/1', 'b/1', 'b/10', 'b/2'],
    )
    assert.deepEqual(
      collection.list('b/').map(({ key }) => key),
      ['b/1', 'b/10', 'b/2'],
    )
    assert.deepEqual(collection.list('c/'), [])
  })

  it('tells any earlier state from its history', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), remove: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const collection = new Collection(0)
        const states: (readonly string[] | undefined)[] = [[]]
        for (const [index, { key, remove }] of steps.entries()) {
          change(collection, key, index + 1, remove)
          states.push(versions(collection.list('')))
        }
        for (const [version, state] of states.entries()) {
          assert.deepEqual(versions(collection.listAt('', version)), state)
        }
      }),
    )
  })
})

describe('event log', () => {
  function fill(count: number, at: (index: number) => number): EventLog {
    const log = new EventLog(0)
    for (let index = 1; index <= count; index++) {
      const current = stored('a', index)
      log.add({ type: 'MODIFIED', version: index, at: at(index), current, previous: current })
    }
    return log
  }

  it('keeps at least the last 1024 events', () => {
    const log = fill(20_000, (index) => index * 1000)
    assert.equal(log.since(20_000 - 1024)?.length, 1024)
    assert.equal(log.since(10_000), undefined)
  })

  it('keeps more while they are fresh, up to 8192', () => {
    const log = fill(4000, () => 0)
    assert.equal(log.since(0)?.length, 4000)
    const full = fill(20_000, () => 0)
    assert.equal(full.since(0), undefined)
    assert.ok((full.since(20_000 - 4096)?.length ?? 0) === 4096)
  })

  it('knows nothing from before its floor', () => {
    const log = new EventLog(7)
    assert.equal(log.since(6), undefined)
    assert.deepEqual(log.since(7), [])
  })
})
