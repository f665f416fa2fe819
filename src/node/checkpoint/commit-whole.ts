import type { DatabaseSync } from 'node:sqlite'

/** To be called when a write is committed: only then it is true in memory, too. */
export type Remember = () => void

/** All of the writes or, if it throws, none, on the disk as in memory. */
export function commitWhole(db: DatabaseSync, write: () => readonly Remember[]): void {
  let written: readonly Remember[] = []
  db.exec('BEGIN')
  try {
    written = write()
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
  for (const remember of written) remember()
}
