import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CurrentLog } from './current-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-current-log-'))
after(() => rmSync(directory, { recursive: true }))

/** The text of the entries after the last line, with one more written when it was opened. */
async function lastOf(name: string, follow: boolean): Promise<readonly string[]> {
  const file = join(directory, name)
  writeFileSync(file, '2026-01-01T00:00:01Z stdout F one\n2026-01-01T00:00:02Z stdout F two\n')
  await using log = await CurrentLog.open(file, follow)
  appendFileSync(file, '2026-01-01T00:00:03Z stdout F three\n')
  await log.skipToTail(1)
  appendFileSync(file, '2026-01-01T00:00:04Z stdout F four\n')
  const { entries } = await log.next()
  assert.deepEqual(await log.next(), { entries: [], isMore: false })
  return entries.map(({ text }) => text)
}

test('what is written after the opening is not there', async () => {
  assert.deepEqual(await lastOf('now.log', false), ['two'])
})

test('but where it is followed', async () => {
  assert.deepEqual(await lastOf('followed.log', true), ['three', 'four'])
})
