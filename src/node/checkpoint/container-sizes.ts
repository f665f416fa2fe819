import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Size } from '../../domain/resources/size.ts'
import type { Remember } from './commit-whole.ts'

/**
 * Sizes of containers, by pod and name: one table of the checkpoint, and what it holds in memory.
 * Writes change the table and return what makes memory follow.
 */
export class ContainerSizes {
  readonly #set: StatementSync
  readonly #delete: StatementSync
  readonly #forget: StatementSync
  readonly #byPod = new Map<string, ReadonlyMap<string, Size>>()

  /** @param table is made if it is not there. */
  constructor(db: DatabaseSync, table: 'actuated' | 'updating') {
    db.exec(`
      CREATE TABLE IF NOT EXISTS ${table} (
        uid TEXT NOT NULL, container TEXT NOT NULL, size TEXT NOT NULL,
        PRIMARY KEY (uid, container)) STRICT, WITHOUT ROWID;
    `)
    this.#set = db.prepare(
      `INSERT INTO ${table} VALUES (?, ?, ?)
       ON CONFLICT (uid, container) DO UPDATE SET size = excluded.size`,
    )
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE uid = ? AND container = ?`)
    this.#forget = db.prepare(`DELETE FROM ${table} WHERE uid = ?`)
    for (const row of db.prepare(`SELECT uid, container, size FROM ${table}`).all()) {
      const uid = String(row['uid'])
      const size = JSON.parse(String(row['size'])) as Size
      this.#byPod.set(uid, new Map([...this.of(uid), [String(row['container']), size]]))
    }
  }

  /** By container name; empty for a pod of which nothing is known. */
  of(uid: string): ReadonlyMap<string, Size> {
    return this.#byPod.get(uid) ?? new Map()
  }

  set(uid: string, container: string, size: Size): Remember {
    this.#set.run(uid, container, JSON.stringify(size))
    return () => this.#byPod.set(uid, new Map([...this.of(uid), [container, size]]))
  }

  delete(uid: string, container: string): Remember {
    this.#delete.run(uid, container)
    return () => {
      this.#byPod.set(uid, new Map([...this.of(uid)].filter(([name]) => name !== container)))
    }
  }

  forget(uid: string): Remember {
    this.#forget.run(uid)
    return () => this.#byPod.delete(uid)
  }
}
