import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveLines } from './live-lines.ts'

function sink(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { written, isTTY, columns, write: (text: string) => written.push(text) }
}

test('liveLines() prints each final line once where there is no terminal', () => {
  const out = sink(false)
  const lines = liveLines(out, {})
  lines.set('desired', 'desired …', 'pending')
  lines.set('desired', 'desired 3 ms', 'final')
  lines.set('desired', 'desired 3 ms', 'final')
  lines.say('a restart')
  lines.end()
  assert.deepEqual(out.written, ['desired 3 ms\n', 'a restart\n'])
})

test('liveLines() redraws in place on a terminal', () => {
  const out = sink(true)
  const lines = liveLines(out, {})
  lines.set('a', 'a …', 'pending')
  lines.set('b', 'b …', 'pending')
  lines.set('a', 'a 3 ms', 'final')
  lines.say('note')
  assert.deepEqual(out.written, [
    '\x1b[2Ka …\n',
    '\x1b[1A\x1b[2Ka …\n\x1b[2Kb …\n',
    '\x1b[2A\x1b[2Ka 3 ms\n\x1b[2Kb …\n',
    '\x1b[2A\x1b[2Knote\n\x1b[2Ka 3 ms\n\x1b[2Kb …\n',
  ])
})

test('liveLines() cuts a line to the width of the terminal and keeps its colours whole', () => {
  const out = sink(true, 6)
  liveLines(out, {}).set('a', '\x1b[32mabcdefgh\x1b[39m', 'final')
  assert.deepEqual(out.written, ['\x1b[2K\x1b[32mabcde\x1b[39m\n'])
})
