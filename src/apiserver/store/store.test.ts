import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { NewerFormat } from '../../format/newer-format.ts'
import type { KubeObject } from '../kube-object.ts'
import { Database, DatabaseError, databaseFormat } from './database.ts'
import { Store } from './store.ts'

function object(name: string, data = ''): KubeObject {
  return { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name }, spec: data }
}

function put(store: Store, name: string, data = '') {
  return store.write('things', name, () => ({ kind: 'put', object: object(name, data) }))
}

function withFolder<T>(use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'podfit-store-'))
  const done = () => rmSync(folder, { recursive: true, force: true })
  const result = use(join(folder, 'api.db'))
  if (result instanceof Promise) return result.finally(done) as T
  done()
  return result
}

function setFormat(path: string, format: number): void {
  using db = new DatabaseSync(path)
  db.exec(`PRAGMA user_version = ${format}`)
}

describe('store', () => {
  it('shows a write to readers and watchers only after its commit', () =>
    withFolder(async (path) => {
      const steps: string[] = []
      using store = new Store({ path, onStep: (step) => steps.push(step) })
      const things = store.collection('things')
      things.listen(({ type }) => steps.push(type))
      const writing = put(store, 'a')
      assert.equal(things.get('a'), undefined)
      assert.deepEqual(things.list(''), [])
      await writing
      assert.deepEqual(steps, ['api.commit.before', 'api.commit.after', 'ADDED'])
      assert.equal(things.get('a')?.version, store.version)
    }))

  it('commits the writes of one turn together', () =>
    withFolder(async (path) => {
      let commits = 0
      using store = new Store({
        path,
        onStep: (step) => {
          commits += step === 'api.commit.before' ? 1 : 0
        },
      })
      await Promise.all(Array.from({ length: 50 }, (_, index) => put(store, `n${index}`)))
      assert.equal(commits, 1)
      assert.equal(store.collection('things').size, 50)
    }))

  it('lets two changes of one object in one turn build on each other', () =>
    withFolder(async (path) => {
      using store = new Store({ path })
      await put(store, 'a', '0')
      const add = () =>
        store.write('things', 'a', (latest) => ({
          kind: 'put',
          object: object('a', String(Number(latest?.object.spec) + 1)),
        }))
      await Promise.all([add(), add(), add()])
      assert.equal(store.collection('things').get('a')?.object.spec, '3')
    }))

  it('judges a refusal by committed state only', () =>
    withFolder(async (path) => {
      using store = new Store({ path })
      let asked = 0
      const first = put(store, 'a')
      const second = store.write('things', 'a', (latest) => {
        asked += 1
        if (latest !== undefined) throw new Error('exists')
        return { kind: 'put', object: object('a') }
      })
      await assert.rejects(second, /exists/)
      await first
      assert.equal(asked, 2)
    }))

  it('undoes the staged writes of a failed commit and tells their writers', () =>
    withFolder(async (path) => {
      using store = new Store({ path })
      await put(store, 'a', 'old')
      const { version } = store
      const broken = new Error('disk full')
      const commit = Object.getOwnPropertyDescriptor(Database.prototype, 'commit') ?? {}
      Database.prototype.commit = () => {
        throw broken
      }
      try {
        const writes = [put(store, 'a', 'new'), put(store, 'b')]
        for (const write of writes) await assert.rejects(write, broken)
      } finally {
        Object.defineProperty(Database.prototype, 'commit', commit)
      }
      assert.equal(store.collection('things').get('a')?.object.spec, 'old')
      assert.equal(store.collection('things').get('b'), undefined)
      assert.equal(store.version, version)
      await put(store, 'b')
      assert.ok(store.version > version)
    }))

  it('writes nothing more once the disk may have lost something', () =>
    withFolder(async (path) => {
      using store = new Store({ path })
      await put(store, 'a', 'old')
      const broken = new Error('input/output error')
      const sync = Object.getOwnPropertyDescriptor(Database.prototype, 'sync') ?? {}
      Database.prototype.sync = () => Promise.reject(broken)
      try {
        await assert.rejects(put(store, 'a', 'new'), broken)
      } finally {
        Object.defineProperty(Database.prototype, 'sync', sync)
      }
      assert.equal(store.collection('things').get('a')?.object.spec, 'old')
      await assert.rejects(put(store, 'b'), broken)
    }))

  it('settles every write that was begun before it is closed, and takes none after', () =>
    withFolder(async (path) => {
      const store = new Store({ path })
      const syncing = put(store, 'a')
      await new Promise((resolve) => setImmediate(resolve))
      const staged = put(store, 'b')
      const unchanged = store.write('things', 'b', () => ({ kind: 'keep' }))
      store[Symbol.dispose]()
      await Promise.all([syncing, staged])
      await assert.rejects(unchanged, /the store is closed/)
      await assert.rejects(put(store, 'c'), /the store is closed/)
      using again = new Store({ path })
      assert.deepEqual(
        again
          .collection('things')
          .list('')
          .map(({ key }) => key),
        ['a', 'b'],
      )
    }))

  it('keeps objects and the resourceVersion over a restart, also after deletes', () =>
    withFolder(async (path) => {
      let last: number
      {
        using store = new Store({ path })
        await put(store, 'a', 'kept')
        await put(store, 'b')
        await store.write('things', 'b', (latest) => ({
          kind: 'remove',
          object: latest?.object ?? object('b'),
        }))
        last = store.version
      }
      using store = new Store({ path })
      assert.equal(store.version, last)
      assert.equal(store.collection('things').get('a')?.object.spec, 'kept')
      assert.equal(store.collection('things').get('b'), undefined)
      const stored = await put(store, 'c')
      assert.ok((stored?.version ?? 0) > last)
    }))

  for (const turn of [
    '+a',
    '+a -a',
    '+a +b -a',
    '-old',
    '-old +a',
    '+a +b +a',
    '+old -old +a -a',
  ]) {
    it(`goes on from the last resourceVersion after a restart: ${turn}`, () =>
      withFolder(async (path) => {
        let last: number
        {
          using store = new Store({ path })
          await put(store, 'old')
          await Promise.all(
            turn.split(' ').map((one) =>
              store.write('things', one.slice(1), () => ({
                kind: one.startsWith('+') ? 'put' : 'remove',
                object: object(one.slice(1)),
              })),
            ),
          )
          last = store.version
        }
        using store = new Store({ path })
        assert.equal(store.version, last)
      }))
  }

  it('refuses a database that is in use, with one clear line', () =>
    withFolder((path) => {
      using _store = new Store({ path })
      assert.throws(
        () => new Store({ path }),
        (error) =>
          error instanceof DatabaseError &&
          error.code === 'locked' &&
          error.message ===
            `Cannot open ${path}: another podfit process is using it; stop that one first`,
      )
    }))

  it('refuses a file that is no database', () =>
    withFolder((path) => {
      assert.throws(
        () => new Store({ path: join(path, 'missing', 'api.db') }),
        (error) => error instanceof DatabaseError && error.code === 'unreadable',
      )
    }))

  it('takes over a database from before formats were counted, with its objects', () =>
    withFolder(async (path) => {
      {
        using store = new Store({ path })
        await put(store, 'a', 'kept')
      }
      setFormat(path, 0)
      {
        using store = new Store({ path })
        assert.equal(store.collection('things').get('a')?.object.spec, 'kept')
      }
      using db = new DatabaseSync(path)
      assert.equal(db.prepare('PRAGMA user_version').get()?.['user_version'], databaseFormat)
    }))

  it('refuses a database of a newer podfit, and changes not a byte', () =>
    withFolder((path) => {
      new Store({ path })[Symbol.dispose]()
      setFormat(path, databaseFormat + 1)
      const before = readFileSync(path)
      assert.throws(() => new Store({ path }), NewerFormat)
      assert.deepEqual(readFileSync(path), before)
    }))

  it('makes a file that only its owner can read', () =>
    withFolder((path) => {
      using _store = new Store({ path })
      assert.equal(statSync(path).mode & 0o777, 0o600)
    }))

  it('removes what was written and removed in one turn', () =>
    withFolder(async (path) => {
      {
        using store = new Store({ path })
        const events: string[] = []
        store.collection('things').listen(({ type }) => events.push(type))
        await Promise.all([
          put(store, 'a'),
          store.write('things', 'a', () => ({ kind: 'remove', object: object('a') })),
        ])
        assert.deepEqual(events, ['ADDED', 'DELETED'])
      }
      using store = new Store({ path })
      assert.equal(store.collection('things').size, 0)
    }))
})
