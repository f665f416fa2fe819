import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printable, printableJson } from './printable.ts'

test('control characters are shown, and nothing else is changed', () => {
  assert.equal(
    printable('a\tb\nné→ \x1b[2Jgone\r\x9b1A\x00'),
    'a\tb\nné→ \\u001b[2Jgone\\u000d\\u009b1A\\u0000',
  )
})

test('the texts and keys of JSON are printable, and what was printable is the same object', () => {
  const plain = { a: [1, null, { b: 'c' }] }
  assert.equal(printableJson(plain), plain)
  const made = printableJson({ plain, list: ['\x07'], '\x1bkey': { message: '\x1b[31m' } })
  assert.deepEqual(made, { plain, list: ['\\u0007'], '\\u001bkey': { message: '\\u001b[31m' } })
  assert.equal(made.plain, plain)
})
