import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { createDataDirectory, dataDirectory } from './data-directory.ts'

let path: string
beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'data-'))))
afterEach(() => rmSync(path, { recursive: true, force: true }))

test('where others may look into the directory, they see neither volumes nor logs', () => {
  chmodSync(path, 0o755)
  mkdirSync(join(path, 'pods'), { mode: 0o755 })
  const directory = dataDirectory(path)
  createDataDirectory(directory)
  for (const place of [directory.pods, dirname(directory.podLogs)])
    assert.equal(statSync(place).mode & 0o777, 0o700, place)
})

test('where everybody may write, nothing is kept', () => {
  chmodSync(path, 0o1777)
  assert.throws(() => createDataDirectory(dataDirectory(path)), {
    message: `Cannot keep data in ${path}: every user may write there (mode 1777; chmod o-w helps); name another directory with --data-dir`,
  })
  assert.deepEqual(readdirSync(path), [])
})
