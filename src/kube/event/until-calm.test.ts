import assert from 'node:assert/strict'
import { test } from 'node:test'
import { untilCalm } from './until-calm.ts'

/** How many pauses it takes if something happens in the first `busy` of them. */
async function pausesUntilCalm(busy: number, most: number): Promise<number> {
  let happened = 0
  let pauses = 0
  const pause = async () => {
    pauses += 1
    if (pauses <= busy) happened += 1
  }
  await untilCalm(() => happened, pause, most)
  return pauses
}

test('it is calm after the first pause in which nothing happens', async () => {
  assert.equal(await pausesUntilCalm(0, 40), 1)
  assert.equal(await pausesUntilCalm(3, 40), 4)
})

test('nobody waits for ever for a calm', async () => {
  assert.equal(await pausesUntilCalm(Infinity, 40), 40)
  assert.equal(await pausesUntilCalm(0, 0), 0)
})
