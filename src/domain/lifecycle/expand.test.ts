import assert from 'node:assert/strict'
import { test } from 'node:test'
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
  ['', ''],
] as const) {
  test(`${text} expands to ${expected}`, () => {
    assert.equal(expand(text, variables), expected)
  })
}
