import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Allocation } from '../../domain/resources/pod-resources.ts'
import type { Remember } from './commit-whole.ts'

interface Promised {
  readonly allocation: Allocation
  readonly before: Allocation | undefined
}

/**
 * What pods were promised, and had before that, by UID: one table of the checkpoint, and what it
 * holds in memory. Writes change the table and return what makes memory follow.
 */
export class Allocations {
  readonly #set: StatementSync
  readonly #forget: StatementSync
  readonly #byPod: Map<string, Promised>

  constructor(db: DatabaseSync) {
    db.exec(
      'CREATE TABLE IF NOT EXISTS allocated (uid TEXT PRIMARY KEY, allocation TEXT NOT NULL) STRICT',
    )
    this.#set = db.prepare(
      `INSERT INTO allocated VALUES (?, ?)
       ON CONFLICT (uid) DO UPDATE SET allocation = excluded.allocation`,
    )
    this.#forget = db.prepare('DELETE FROM allocated WHERE uid = ?')
    const rows = db.prepare('SELECT uid, allocation FROM allocated').all()
    this.#byPod = new Map(
      rows.map((row) => [String(row['uid']), readPromised(String(row['allocation']))]),
    )
  }

  of(uid: string): Allocation | undefined {
    return this.#byPod.get(uid)?.allocation
  }

  before(uid: string): Allocation | undefined {
    return this.#byPod.get(uid)?.before
  }

  pods(): readonly string[] {
    return [...this.#byPod.keys()]
  }

  set(uid: string, allocation: Allocation, before: Allocation | undefined): Remember {
    this.#set.run(uid, JSON.stringify({ ...allocation, before }))
    return () => this.#byPod.set(uid, { allocation, before })
  }

  forget(uid: string): Remember {
    this.#forget.run(uid)
    return () => this.#byPod.delete(uid)
  }
}

function readPromised(text: string): Promised {
  const { before, ...allocation } = JSON.parse(text) as Allocation & { before?: Allocation }
  return { allocation, before }
}
