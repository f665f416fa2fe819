import assert from 'node:assert/strict'
import { test } from 'node:test'
import { olderLogs, rotatedName } from './log-rotation.ts'

const others = ['0.log', '1.log', '10.log.20260101-000000']

test('names of rotated logs sort by age', () => {
  const names = ['2026-09-30T23:59:59.9Z', '2026-10-01T00:00:00Z', '2026-10-01T00:00:10Z'].map(
    (time) => rotatedName('0.log', new Date(time)),
  )
  assert.deepEqual(names, [
    '0.log.20260930-235959',
    '0.log.20261001-000000',
    '0.log.20261001-000010',
  ])
  assert.deepEqual(names.toReversed().toSorted(), names)
})

for (const [title, files, maxFiles, remove, compress] of [
  ['keeps the newest as it is', ['0.log.1'], 5, [], []],
  ['compresses the others', ['0.log.1.gz', '0.log.3', '0.log.2'], 5, [], ['0.log.2']],
  ['removes what is too much', ['0.log.3', '0.log.1.gz', '0.log.2.gz'], 3, ['0.log.1.gz'], []],
  ['keeps one beside the log', ['0.log.1', '0.log.2'], 2, ['0.log.1'], []],
  ['compresses nothing that goes', ['0.log.1', '0.log.2', '0.log.3'], 3, ['0.log.1'], ['0.log.2']],
  [
    'takes up what broke off before',
    ['0.log.1', '0.log.1.tmp', '0.log.2'],
    5,
    ['0.log.1.tmp'],
    ['0.log.1'],
  ],
  ['and what broke off behind', ['0.log.1', '0.log.1.gz', '0.log.2'], 5, ['0.log.1'], []],
] as const) {
  test(`a rotation ${title}`, () => {
    assert.deepEqual(olderLogs([...others, ...files], '0.log', { maxFiles }), { remove, compress })
  })
}
