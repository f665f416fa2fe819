import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { requireKnownDatabase, stampDatabase } from '../../format/database-format.ts'
import { FileSync } from './file-sync.ts'

/** One row to be written: `json` absent means the object is removed. */
export interface Row {
  readonly resource: string
  readonly key: string
  /** The resourceVersion of the change; `json` has it, too. */
  readonly version: number
  readonly json?: string
}

/** One row as it was written. */
export interface StoredRow {
  readonly resource: string
  readonly key: string
  readonly json: string
}

/** A database that cannot be used. `retry` says whether trying again later can help. */
export class DatabaseError extends Error {
  readonly code: 'locked' | 'unreadable' | 'writeFailed'
  readonly path: string
  readonly retry: 'soon' | 'later' | 'never'

  constructor(
    code: DatabaseError['code'],
    path: string,
    message: string,
    retry: DatabaseError['retry'],
    cause: unknown,
  ) {
    super(message, { cause })
    this.name = 'DatabaseError'
    this.code = code
    this.path = path
    this.retry = retry
  }
}

/** Of what is stored. To be counted up when an older podfit would misread it. */
export const databaseFormat = 1

const schema = `
  CREATE TABLE IF NOT EXISTS object (
    resource TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL,
    UNIQUE (resource, key)
  );
  CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  INSERT OR IGNORE INTO counter VALUES ('resourceVersion', 1);
`

/**
 * The durable side of the store: rows of JSON in one SQLite file. The last resourceVersion is that
 * of an object, or of a removal: only that needs a counter beside the objects.
 */
export class Database implements Disposable {
  readonly #path: string
  readonly #db: DatabaseSync
  /** SQLite's write-ahead log, which holds a commit as soon as that returns. */
  readonly #log: number | undefined
  readonly #logSync: FileSync | undefined
  readonly #begin: StatementSync
  readonly #commit: StatementSync
  readonly #put: StatementSync
  readonly #remove: StatementSync
  readonly #count: StatementSync

  private constructor(path: string, db: DatabaseSync, log: number | undefined) {
    this.#path = path
    this.#db = db
    this.#log = log
    this.#logSync = log === undefined ? undefined : new FileSync(log)
    this.#begin = db.prepare('BEGIN')
    this.#commit = db.prepare('COMMIT')
    this.#put = db.prepare(
      'INSERT INTO object (resource, key, json) VALUES (?, ?, ?) ' +
        'ON CONFLICT (resource, key) DO UPDATE SET json = excluded.json',
    )
    this.#remove = db.prepare('DELETE FROM object WHERE resource = ? AND key = ?')
    this.#count = db.prepare("UPDATE counter SET value = ? WHERE name = 'resourceVersion'")
  }

  /**
   * Opens or makes the file and locks it for this process alone, until close or
   * death: the lock is the kernel's, so a kill leaves none behind.
   *
   * @throws DatabaseError `locked` if another process holds it, `unreadable` if
   *   it is no database or cannot be reached.
   * @throws NewerFormat
   */
  static open(path: string): Database {
    requireKnownDatabase(path, databaseFormat)
    let db: DatabaseSync | undefined
    try {
      // Secrets are in it. The log beside it takes over its mode.
      createPrivate(path)
      db = new DatabaseSync(path, { timeout: 0 })
      // The lock mode must come first: WAL then needs no shared-memory file.
      db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL')
      // `sync` waits for the disk, beside the event loop if that takes long; SQLite would block it.
      db.exec('PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE')
      db.exec(schema)
      stampDatabase(db, databaseFormat)
      db.exec('COMMIT')
      // Of a look at it. Nobody else has the file open now, and this process needs none.
      rmSync(`${path}-shm`, { force: true })
      return new Database(path, db, path === ':memory:' ? undefined : openLog(path))
    } catch (cause) {
      db?.close()
      throw openError(path, cause)
    }
  }

  /** Everything stored, and the resourceVersion of the last removal that was a last change. */
  load(): { readonly rows: readonly StoredRow[]; readonly removed: number } {
    const rows = this.#db.prepare('SELECT resource, key, json FROM object').all()
    const counter = this.#db
      .prepare("SELECT value FROM counter WHERE name = 'resourceVersion'")
      .get()
    return {
      rows: rows.map((row) => ({
        resource: String(row['resource']),
        key: String(row['key']),
        json: String(row['json']),
      })),
      removed: Number(counter?.['value'] ?? 1),
    }
  }

  /**
   * Writes all rows in one transaction, which a crash of this process cannot undo;
   * a crash of the machine can until `sync` has resolved. When it throws, nothing is written.
   *
   * @param rows one of each object, in the order of their versions.
   * @throws DatabaseError `writeFailed`
   */
  commit(rows: readonly Row[]): void {
    const [first] = rows
    try {
      // One statement is a transaction of its own.
      if (first?.json !== undefined && rows.length === 1) this.#write(first)
      else this.#writeTogether(rows)
    } catch (cause) {
      if (this.#db.isOpen && this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw writeError(this.#path, cause)
    }
  }

  #writeTogether(rows: readonly Row[]): void {
    this.#begin.run()
    for (const row of rows) this.#write(row)
    const last = rows.at(-1)
    if (last !== undefined && last.json === undefined) this.#count.run(last.version)
    this.#commit.run()
  }

  #write({ resource, key, json }: Row): void {
    if (json === undefined) this.#remove.run(resource, key)
    else this.#put.run(resource, key, json)
  }

  /**
   * Resolves when everything committed so far is on the disk.
   *
   * @param alone as `FileSync` takes it.
   * @throws DatabaseError `writeFailed`: what the disk has is unknown then.
   */
  async sync(alone: boolean): Promise<void> {
    try {
      await this.#logSync?.sync(alone)
    } catch (cause) {
      throw writeError(this.#path, cause)
    }
  }

  [Symbol.dispose](): void {
    if (!this.#db.isOpen) return
    if (this.#log !== undefined) {
      fdatasyncSync(this.#log)
      closeSync(this.#log)
    }
    this.#db.close()
  }
}

/**
 * An existing file is not touched: closing any descriptor of it would drop the
 * locks that this process has on it.
 */
function createPrivate(path: string): void {
  if (path === ':memory:' || existsSync(path)) return
  closeSync(openSync(path, 'a', 0o600))
}

/** The log's file, its name on the disk too. SQLite keeps the same file until it is closed. */
function openLog(path: string): number {
  const directory = openSync(dirname(path), 'r')
  fsyncSync(directory)
  closeSync(directory)
  return openSync(`${path}-wal`, 'r+')
}

function writeError(path: string, cause: unknown): DatabaseError {
  const message = `Cannot write to ${path}: ${text(cause)}`
  return new DatabaseError('writeFailed', path, message, 'later', cause)
}

function openError(path: string, cause: unknown): DatabaseError {
  const reason = text(cause)
  return /locked|busy/i.test(reason)
    ? new DatabaseError(
        'locked',
        path,
        `Cannot open ${path}: another podfit process is using it; stop that one first`,
        'later',
        cause,
      )
    : new DatabaseError(
        'unreadable',
        path,
        `Cannot open ${path}: ${reason}; it holds all objects: put a copy of it back, or move it away to start without objects`,
        'never',
        cause,
      )
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
