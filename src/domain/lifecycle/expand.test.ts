import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpuMsOf } from '../../../test/support/cpu-time.ts'
import { expand } from './expand.ts'

const variables = new Map([
  ['HOST', 'db'],
  ['EMPTY', ''],
])

for (const [text, expected] of [
  ['$(HOST):5432', 'db:5432'],
  ['$(EMPTY)x', 'x'],
  ['$(UNKNOWN)', '$(UNKNOWN)'],
  ['$$(HOST)', '$(HOST)'],
  ['$$$(HOST)', '$db'],
  ['$HOST $(HOST', '$HOST $(HOST'],
  ['$(HOST) $$ $(', 'db $ $('],
  ['', ''],
] as const) {
  test(`${text} expands to ${expected}`, () => {
    assert.equal(expand(text, variables), expected)
  })
}

test('names that do not end are passed over in little time', () => {
  const text = '$('.repeat(200_000)
  assert.ok(cpuMsOf(() => assert.equal(expand(text, variables), text)) < 1000)
})
