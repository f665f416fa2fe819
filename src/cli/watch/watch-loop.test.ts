import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exitCodes } from '../exit-codes.ts'
import { shownOnceOr, type Look } from './watch-loop.ts'

const fast = { everyMs: 2, restMs: 1, backOff: { firstMs: 1, maxMs: 2 } }

/**
 * Watches through these looks, one after the other, and is interrupted after the last. Whoever
 * reads it goes away after `readsTo`.
 */
async function watch(looks: readonly (string | Error)[], isTTY = false, readsTo?: string) {
  const stop = new AbortController()
  const left = looks.values()
  const written: string[] = []
  const terminal = {
    stdout: {
      write: (text: string) => written.push(text),
      isTTY,
      get isClosed() {
        return readsTo !== undefined && written.includes(readsTo)
      },
    },
    stderr: { write: (text: string) => written.push(`! ${text}`) },
    stdin: process.stdin,
    env: {},
    signal: stop.signal,
  }
  const look = async (): Promise<Look> => {
    const { value } = left.next()
    if (value instanceof Error) throw value
    if (value === undefined) stop.abort()
    return { text: value ?? 'late', exit: exitCodes.done }
  }
  const end = await shownOnceOr(true, terminal, look, fast).catch((error: Error) => error.message)
  return { end, written }
}

test('--watch shows a text again only when it is another', async () => {
  const { end, written } = await watch(['a', 'a', 'b'])
  assert.deepEqual([end, written.slice(0, 2)], ['Interrupted', ['a', 'b']])
})

test('--watch shows a failure in place and goes on', async () => {
  const down = new Error('no connection')
  const { end, written } = await watch(['a', down, down, new Error('no pod web'), 'a', 'b'])
  assert.equal(end, 'Interrupted')
  const told = ['! no connection; looking again\n', '! no pod web; looking again\n']
  assert.deepEqual(written.slice(0, 4), ['a', ...told, 'b'])
})

test('--watch on a terminal takes a failure away when it is over', async () => {
  const clear = '\x1b[H\x1b[2J'
  const { written } = await watch(['a', new Error('no connection'), 'a'], true)
  const shown = `${clear}a`
  assert.deepEqual(written.slice(0, 4), [shown, shown, '! no connection; looking again\n', shown])
})

test('--watch ends when the first look fails', async () => {
  const { end, written } = await watch([new Error('no pod web')])
  assert.deepEqual([end, written], ['no pod web', []])
})

test('--watch ends with what it saw last when nobody reads it any more', async () => {
  const { end, written } = await watch(['a', 'b', 'c'], false, 'b')
  assert.deepEqual([end, written], [exitCodes.done, ['a', 'b']])
})
