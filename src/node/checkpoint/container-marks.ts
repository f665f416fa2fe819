import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Remember } from './commit-whole.ts'

/**
 * Marks on containers, by the runtime's id: one table of the checkpoint, and what it holds in memory.
 * Writes change the table and return what makes memory follow.
 */
export class ContainerMarks {
  readonly #mark: StatementSync
  readonly #unmark: StatementSync
  readonly #forget: StatementSync
  /** Container id to pod UID. */
  readonly #owners: Map<string, string>

  /** @param table is made if it is not there. */
  constructor(db: DatabaseSync, table: 'restarting' | 'starting') {
    db.exec(`CREATE TABLE IF NOT EXISTS ${table} (uid TEXT NOT NULL, id TEXT PRIMARY KEY) STRICT`)
    this.#mark = db.prepare(`INSERT OR REPLACE INTO ${table} VALUES (?, ?)`)
    this.#unmark = db.prepare(`DELETE FROM ${table} WHERE id = ?`)
    this.#forget = db.prepare(`DELETE FROM ${table} WHERE uid = ?`)
    const rows = db.prepare(`SELECT id, uid FROM ${table}`).all()
    this.#owners = new Map(rows.map((row) => [String(row['id']), String(row['uid'])]))
  }

  has(id: string): boolean {
    return this.#owners.has(id)
  }

  /** The marked containers of a pod. */
  of(uid: string): ReadonlySet<string> {
    const marked = [...this.#owners].filter(([, owner]) => owner === uid)
    return new Set(marked.map(([id]) => id))
  }

  mark(uid: string, id: string): Remember {
    this.#mark.run(uid, id)
    return () => this.#owners.set(id, uid)
  }

  unmark(id: string): Remember {
    this.#unmark.run(id)
    return () => this.#owners.delete(id)
  }

  forget(uid: string): Remember {
    this.#forget.run(uid)
    return () => {
      for (const id of this.of(uid)) this.#owners.delete(id)
    }
  }
}
