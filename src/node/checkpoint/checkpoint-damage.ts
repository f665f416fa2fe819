import type { DatabaseSync } from 'node:sqlite'

/** SQLite's result codes: a statement that the tables do not fit, a malformed page, no database. */
const sqliteError = 1
const sqliteCorrupt = 11
const sqliteNotADatabase = 26

/** A file that holds nothing that a checkpoint can be read from. */
export class DamagedCheckpoint extends Error {
  override readonly name = 'DamagedCheckpoint'
}

/** A page of nonsense is found now, and not when it is read some day. */
export function requireWhole(db: DatabaseSync): void {
  const found = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check']
  if (found === 'ok') return
  throw Object.assign(new Error(String(found)), { errcode: sqliteCorrupt })
}

/** Whether the file cannot be read, in contrast to a disk or a lock in the way. */
export function isDamage(cause: unknown): boolean {
  if (cause instanceof SyntaxError) return true
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : 0
  return code === sqliteError || code === sqliteCorrupt || code === sqliteNotADatabase
}
