import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FileSync, type SyncCalls } from './file-sync.ts'

/** A disk that takes so many milliseconds for each sync, one after the other; tells who waited. */
async function waitsFor(times: readonly number[], alone = true): Promise<string> {
  const waits: string[] = []
  let now = 0
  const take = (how: string): void => {
    now += times[waits.length] ?? 0
    waits.push(how)
  }
  const calls: SyncCalls = {
    here: () => take('here'),
    aside: async () => take('aside'),
    now: () => now,
  }
  const file = new FileSync(1, calls)
  for (const _ of times) await file.sync(alone)
  return waits.join(' ')
}

describe('a sync of a file', () => {
  it('is waited for in place where the one before was quick, else by another thread', async () => {
    assert.equal(await waitsFor([0.2, 0.2, 0.2]), 'here here here')
    assert.equal(await waitsFor([0.2, 20, 2, 0.2, 0.2]), 'here here aside aside here')
  })

  it('is left to another thread for writes that come together', async () => {
    assert.equal(await waitsFor([0.2, 0.2], false), 'aside aside')
  })

  it('fails where the kernel says so, whoever waits', async () => {
    const broken = new Error('EIO')
    const refuse = (): never => {
      throw broken
    }
    let ms = 0
    const slowly = (): number => (ms += 2)
    const here = new FileSync(1, { here: refuse, aside: async () => {}, now: slowly })
    await assert.rejects(here.sync(true), broken)
    const aside = new FileSync(1, { here: () => {}, aside: async () => refuse(), now: slowly })
    await aside.sync(true)
    await assert.rejects(aside.sync(true), broken)
  })
})
