import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { NewerFormat } from '../../format/newer-format.ts'
import { type Instance, readInstance, writeInstance } from './instance.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-instance-'))
after(() => rmSync(directory, { recursive: true }))
const instance: Instance = { pid: 7, startTime: '8', cgroup: '/podfit' }

test('what is written is read, and says its format', () => {
  const file = join(directory, 'written.json')
  writeInstance(file, instance)
  assert.deepEqual(readInstance(file), instance)
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { format: 1, ...instance })
})

test('one without a format is read, a damaged one is none', () => {
  const file = join(directory, 'given.json')
  for (const [text, found] of [
    [JSON.stringify(instance), instance],
    ['null', undefined],
    ['{"format":1,"pid":7', undefined],
    ['', undefined],
  ] as const) {
    writeFileSync(file, text)
    assert.deepEqual(readInstance(file), found)
  }
  assert.equal(readInstance(join(directory, 'missing.json')), undefined)
})

test('one of a newer podfit is refused, and left as it is', () => {
  const file = join(directory, 'newer.json')
  const text = JSON.stringify({ format: 2, process: instance })
  writeFileSync(file, text)
  assert.throws(
    () => readInstance(file),
    new NewerFormat(
      `Cannot use ${file}: a newer podfit wrote it in format 2, and this one reads up to format 1; use that podfit, or name another directory with --data-dir`,
    ),
  )
  assert.equal(readFileSync(file, 'utf8'), text)
})
