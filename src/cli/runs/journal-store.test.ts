import assert from 'node:assert/strict'
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Begun } from '../../operate/resize/journal.ts'
import { entriesIn, journalDirectory, newRunId, openJournalStore } from './journal-store.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-journal-'))
after(() => rmSync(directory, { recursive: true }))
const env = { XDG_STATE_HOME: directory }

function begunAt(at: string, id = newRunId(new Date(at))): Begun {
  const item = { namespace: 'default', name: 'web', container: 'c', from: {}, to: {} }
  const how = { wave: 1, pauseMs: 0, timeoutMs: 1, onFailure: 'stop' } as const
  return { entry: 'begun', id, at, server: '', connection: {}, items: [item], ...how }
}

test('a journal survives a line that was cut off, and is for its user only', () => {
  const store = openJournalStore(env)
  const begun = begunAt('2026-01-31T12:00:00.000Z')
  assert.match(begun.id, /^20260131-120000-[a-z0-9]{3}$/)
  const file = join(directory, 'podfit', `${begun.id}.jsonl`)
  {
    using journal = store.open(begun.id)
    journal.append(begun)
    journal.append({ entry: 'sending', at: '', item: 0, direction: 'forward' })
  }
  assert.equal(statSync(file).mode & 0o777, 0o600)
  appendFileSync(file, '{"entry":"ended","item":0,"outc')
  {
    using journal = store.open(begun.id)
    journal.append({ entry: 'rollingBack', at: '' })
  }
  const [run] = store.runs()
  assert.deepEqual([run?.items[0]?.state, run?.rollingBack], ['sending', true])
})

test('a journal has one writer at a time; the lock of a dead process is no lock', () => {
  const store = openJournalStore(env)
  using _journal = store.open('one')
  assert.throws(
    () => store.open('one'),
    /^CliError: Cannot work on one: process \d+ of podfit does$/,
  )
})

test('a folder is no journal, and one that cannot be read is told with its path', () => {
  const state = mkdtempSync(join(directory, 'odd-'))
  const store = openJournalStore({ XDG_STATE_HOME: state })
  mkdirSync(join(state, 'podfit/folder.jsonl'), { recursive: true })
  assert.deepEqual(store.runs(), [])
  const path = join(state, 'podfit/loop.jsonl')
  symlinkSync(path, path)
  const message = `Cannot read a journal: ELOOP: too many symbolic links encountered, open '${path}'; move the file away`
  assert.throws(() => store.runs(), { name: 'CliError', exit: 'error', message })
})

test('runs are listed by the time of their beginning', () => {
  const store = openJournalStore(env)
  for (const [at, id] of [
    ['2026-02-01T12:00:00.500Z', 'a'],
    ['2026-02-01T12:00:00.100Z', 'b'],
  ] as const) {
    using journal = store.open(id)
    journal.append(begunAt(at, id))
  }
  assert.deepEqual(
    store
      .runs()
      .map(({ begun }) => begun.id)
      .slice(-2),
    ['b', 'a'],
  )
})

test('journalDirectory() follows XDG, and ignores a relative path', () => {
  assert.equal(journalDirectory({ XDG_STATE_HOME: '/s' }), '/s/podfit')
  assert.equal(journalDirectory({ HOME: '/h' }), '/h/.local/state/podfit')
  assert.equal(journalDirectory({ HOME: '/h', XDG_STATE_HOME: 's' }), '/h/.local/state/podfit')
})

test('a journal of a newer podfit is refused, not passed over: it may be the one that is meant', () => {
  const state = join(directory, 'newer')
  const store = openJournalStore({ XDG_STATE_HOME: state })
  {
    using journal = store.open('one')
    journal.append({ ...begunAt('2026-02-01T12:00:00.000Z', 'one'), format: 1 })
  }
  assert.equal(store.runs().length, 1)
  const path = join(state, 'podfit/two.jsonl')
  writeFileSync(path, '{"entry":"begun","format":2}\n{"entry":"paused"}\n')
  const message = `Cannot use ${path}: a newer podfit wrote it in format 2, and this one reads up to format 1; use that podfit, or move the file away`
  assert.throws(() => store.runs(), { name: 'NewerFormat', message })
})

test('a place where no journal can be kept is told at once', () => {
  const file = join(directory, 'file')
  writeFileSync(file, '')
  for (const [state, why] of [
    ['/proc/podfit', `ENOENT: no such file or directory, mkdir '/proc/podfit'`],
    [file, `EEXIST: file already exists, mkdir '${file}'`],
  ] as const) {
    const message = `Cannot keep a journal in ${state}/podfit: ${why}; set XDG_STATE_HOME to a directory that can be written`
    const store = openJournalStore({ XDG_STATE_HOME: state })
    assert.throws(() => store.open('one'), { name: 'CliError', message })
  }
})

test('entriesIn() takes what is whole', () => {
  assert.deepEqual(entriesIn('\n\n{"entry":"rollingBack","at":""}\nnull\n{"a":1}\n{"entry'), [
    { entry: 'rollingBack', at: '' },
  ])
})
