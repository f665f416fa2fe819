import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asInt64 } from './int64.ts'

test('an int64 stays one when it is printed', () => {
  for (const text of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '-5']) {
    const printed = JSON.stringify(asInt64(Number(text)))
    assert.equal(BigInt.asIntN(64, BigInt(printed)), BigInt(printed), text)
  }
  assert.equal(asInt64(-5), -5)
})

test('what is not whole, or larger, is none', () => {
  for (const value of [1.5, 1e19, -1e19, Infinity, NaN]) assert.equal(asInt64(value), undefined)
})
