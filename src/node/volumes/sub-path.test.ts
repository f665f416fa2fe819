import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { removeSubPaths } from './sub-path.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podfit-parts-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('removeSubPaths', () => {
  test('removes the places of directories and files', async () => {
    mkdirSync(join(directory, 'v/main/0'), { recursive: true })
    writeFileSync(join(directory, 'v/main/1'), '')
    await removeSubPaths(directory)
    assert.ok(!existsSync(directory))
    await removeSubPaths(directory)
  })

  test('leaves what lies behind a place, as where it is mounted still', async () => {
    mkdirSync(join(directory, 'v/main/0/etc'), { recursive: true })
    await assert.rejects(removeSubPaths(directory), { code: 'ENOTEMPTY' })
    assert.ok(existsSync(join(directory, 'v/main/0/etc')))
  })
})
