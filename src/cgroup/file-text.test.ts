import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countIn, keyedNumbers, processIds } from './file-text.ts'

test('lines of name and value, broken ones left out', () => {
  const found = keyedNumbers('nr_periods 12\nthrottled_usec 345\n\nbroken\nx y\ncut')
  assert.deepEqual(
    [...found],
    [
      ['nr_periods', 12],
      ['throttled_usec', 345],
    ],
  )
})

test('numbers, however large or broken', () => {
  assert.equal(countIn('4096'), 4096)
  assert.equal(countIn('9223372036854771712'), Number.MAX_SAFE_INTEGER)
  assert.equal(countIn('-1'), 0)
  assert.equal(countIn('nonsense'), 0)
  assert.equal(countIn(undefined), 0)
})

test('process ids without those of other namespaces', () => {
  assert.deepEqual(processIds('12\n0\n345\n'), [12, 345])
  assert.deepEqual(processIds(''), [])
})
