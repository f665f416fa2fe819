import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { requireKnown } from './newer-format.ts'

/**
 * Refuses a SQLite file of a format that is newer than `known`, without changing a byte of it or of
 * its log, which opening and closing it would. One that is missing, damaged or in use is left
 * to whoever opens it next to tell of.
 *
 * The format is SQLite's `user_version`, which lies in the file itself and is written with the
 * transaction that it belongs to.
 *
 * @throws NewerFormat
 */
export function requireKnownDatabase(path: string, known: number): void {
  if (!existsSync(path)) return
  const cure = 'name another directory with --data-dir'
  requireKnown({ path, found: readFormat(path), known, cure })
}

/** Writes down the format of what is in it now, unless that is done. Never to be lowered. */
export function stampDatabase(db: DatabaseSync, format: number): void {
  if (formatIn(db) < format) db.exec(`PRAGMA user_version = ${format}`)
}

function readFormat(path: string): number {
  const file = pathToFileURL(path)
  // Without a log the file says everything, and none is to come to be beside it.
  if (!existsSync(`${path}-wal`)) file.searchParams.set('immutable', '1')
  try {
    using db = new DatabaseSync(file, { readOnly: true, timeout: 0 })
    return formatIn(db)
  } catch {
    return 0
  }
}

function formatIn(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'])
}
