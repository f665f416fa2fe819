import type { DatabaseSync } from 'node:sqlite'
import { bytes, type Bytes } from '../../domain/units.ts'

/** Soft limits that are to be put back, by cgroup path: one table of the checkpoint, read when it is asked. */
export class SoftLimits {
  readonly #db: DatabaseSync

  constructor(db: DatabaseSync) {
    this.#db = db
    db.exec(
      'CREATE TABLE IF NOT EXISTS soft_limit (path TEXT PRIMARY KEY, high TEXT NOT NULL) STRICT',
    )
  }

  /** The first of a path stays, and is given: what comes after it is not what there was. */
  hold(path: string, before: Bytes | 'max'): Bytes | 'max' {
    this.#db.prepare('INSERT OR IGNORE INTO soft_limit VALUES (?, ?)').run(path, String(before))
    return this.held().get(path) ?? before
  }

  release(path: string): void {
    this.#db.prepare('DELETE FROM soft_limit WHERE path = ?').run(path)
  }

  held(): ReadonlyMap<string, Bytes | 'max'> {
    const rows = this.#db.prepare('SELECT path, high FROM soft_limit').all()
    return new Map(
      rows.map(({ path, high }) => [String(path), high === 'max' ? 'max' : bytes(Number(high))]),
    )
  }
}
