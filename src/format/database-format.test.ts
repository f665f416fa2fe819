import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { requireKnownDatabase, stampDatabase } from './database-format.ts'
import { NewerFormat } from './newer-format.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-format-'))
after(() => rmSync(directory, { recursive: true }))

/** A database with a log of its own, whose newest format is in that alone if it was left by a kill. */
function write(name: string, format: number, isKilled = false): string {
  const path = join(directory, name)
  const written = isKilled ? `${path}.before` : path
  using db = new DatabaseSync(written)
  db.exec(`PRAGMA journal_mode = WAL; CREATE TABLE t (a); PRAGMA user_version = ${format}`)
  if (isKilled) {
    for (const suffix of ['', '-wal']) copyFileSync(written + suffix, path + suffix)
  }
  return path
}

function bytesOf(path: string): Record<string, Buffer> {
  const names = readdirSync(directory).filter((name) => join(directory, name).startsWith(path))
  const kept = names.filter((name) => !name.endsWith('-shm'))
  return Object.fromEntries(kept.map((name) => [name, readFileSync(join(directory, name))]))
}

test('a format that is known, or was never written down, is let through', () => {
  requireKnownDatabase(join(directory, 'missing'), 1)
  requireKnownDatabase(write('old', 0), 1)
  requireKnownDatabase(write('same', 1), 1)
  requireKnownDatabase(write('killed', 1, true), 1)
})

test('a damaged one is left to whoever opens it', () => {
  const path = join(directory, 'damaged')
  writeFileSync(path, 'this is no database, but long enough to be taken for one\n'.repeat(9))
  requireKnownDatabase(path, 1)
})

for (const isKilled of [false, true]) {
  test(`a newer one is refused with not a byte changed, ${isKilled ? 'after a kill' : 'closed'}`, () => {
    const path = write(`newer-${isKilled}`, 3, isKilled)
    const before = bytesOf(path)
    assert.equal(
      Object.keys(before).some((name) => name.endsWith('-wal')),
      isKilled,
    )
    assert.throws(
      () => requireKnownDatabase(path, 2),
      new NewerFormat(
        `Cannot use ${path}: a newer podfit wrote it in format 3, and this one reads up to format 2; use that podfit, or name another directory with --data-dir`,
      ),
    )
    assert.deepEqual(bytesOf(path), before)
  })
}

test('a look takes nothing from the lock that this process has on a file', () => {
  const path = join(directory, 'locked')
  using db = new DatabaseSync(path)
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; CREATE TABLE t (a)')
  requireKnownDatabase(path, 1)
  using other = new DatabaseSync(path, { timeout: 0 })
  assert.throws(() => other.exec('CREATE TABLE u (a)'), /locked/)
})

test('a stamp is part of its transaction, and is never lowered', () => {
  const path = join(directory, 'stamped')
  using db = new DatabaseSync(path)
  db.exec('BEGIN')
  stampDatabase(db, 2)
  db.exec('ROLLBACK')
  const format = () => db.prepare('PRAGMA user_version').get()?.['user_version']
  assert.equal(format(), 0)
  stampDatabase(db, 2)
  stampDatabase(db, 1)
  assert.equal(format(), 2)
})
