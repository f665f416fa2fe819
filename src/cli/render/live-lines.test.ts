import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveLines } from './live-lines.ts'

function sink(isTTY: boolean, columns = 80) {
  const written: string[] = []
  return { written, isTTY, columns, write: (text: string) => written.push(text) }
}

function line(key: string, text: string, final = true) {
  return { key, text, final }
}

test('liveLines() prints each final line once where there is no terminal', () => {
  const out = sink(false)
  const lines = liveLines(out, {})
  lines.show([line('desired', 'desired …', false)])
  lines.show([line('desired', 'desired 3 ms')])
  lines.show([line('desired', 'desired 3 ms'), line('status', 'status …', false)])
  lines.show([line('desired', 'desired 3 ms, generation 2'), line('status', 'status 4 ms')])
  lines.say('a restart')
  lines.show([line('status', 'status …', false)])
  lines.show([line('status', 'status 9 ms')])
  lines.end()
  const all = ['desired 3 ms', 'status 4 ms', 'a restart', 'status 9 ms']
  assert.deepEqual(
    out.written,
    all.map((one) => `${one}\n`),
  )
})

test('liveLines() redraws in place on a terminal, only when something changed', () => {
  const out = sink(true)
  const lines = liveLines(out, {})
  lines.show([line('a', 'a …', false), line('b', 'b …', false)])
  lines.show([line('a', 'a …', false), line('b', 'b …', false)])
  lines.show([line('a', 'a 3 ms'), line('b', 'b …', false)])
  lines.say('note')
  assert.deepEqual(out.written, [
    'a …\nb …\n',
    '\x1b[2A\x1b[0Ja 3 ms\nb …\n',
    '\x1b[2A\x1b[0Jnote\na 3 ms\nb …\n',
  ])
})

test('liveLines() cuts a line to the width of the terminal and keeps its colours whole', () => {
  const out = sink(true, 6)
  const lines = liveLines(out, {})
  lines.show([line('a', '\x1b[32mabcdefgh\x1b[39m')])
  assert.deepEqual(out.written, ['\x1b[32mabcde\x1b[39m\n'])
  lines.end()
  lines.end()
  assert.deepEqual(out.written.slice(1), ['\x1b[1A\x1b[0J\x1b[32mabcdefgh\x1b[39m\n'])
})

test('liveLines() takes back what will not come', () => {
  const out = sink(true)
  const lines = liveLines(out, {})
  lines.show([line('a', 'a …', false), line('b', 'b …', false)])
  lines.clear()
  lines.end()
  assert.deepEqual(out.written, ['a …\nb …\n', '\x1b[2A\x1b[0J'])
})
