import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatQuantityText, formatTime } from './scalar-format.ts'

test('what was read before does not change what is read', () => {
  const size = (given: string) => formatQuantityText(given, false)
  const listed = (given: string) => formatQuantityText(given, true)
  const text = (of: string) => ({ kind: 'text', text: of })
  for (let times = 0; times < 2; times += 1) {
    assert.deepEqual(size('5'), text('5'))
    assert.deepEqual(listed('-5'), text('-5'))
    assert.deepEqual(size('100u'), text('100u'))
    assert.deepEqual(listed('100u'), text('1m'))
    const time = '2026-01-02T03:04:05Z'
    for (const quantity of [time, `@${time}`, `time ${time}`]) {
      assert.equal(listed(quantity).kind, 'invalid')
    }
    assert.deepEqual(formatTime(time), text(time))
  }
})
