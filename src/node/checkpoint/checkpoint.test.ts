import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { Size } from '../../domain/resources/size.ts'
import { bytes, milliCpu } from '../../domain/units.ts'
import { NewerFormat } from '../../format/newer-format.ts'
import { Checkpoint, checkpointFormat } from './checkpoint.ts'
import { openCheckpoint } from './open-checkpoint.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-checkpoint-'))
after(() => rmSync(directory, { recursive: true }))

const large: Size = { cpuRequest: milliCpu(200), memoryLimit: bytes(128) }
const small: Size = { cpuRequest: milliCpu(100), memoryLimit: bytes(64) }

/** Has the database refuse a statement, as a full disk refuses the end of a transaction. */
function refuse(file: string, when: string): void {
  using db = new DatabaseSync(file)
  db.exec(`CREATE TRIGGER refusing BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
}

function setFormat(file: string, format: number): void {
  using db = new DatabaseSync(file)
  db.exec(`PRAGMA user_version = ${format}`)
}

test('nobody else may read it, who could lock it then', () => {
  const file = join(directory, 'private.db')
  using _ = Checkpoint.open(file)
  for (const suffix of ['', '-wal', '-shm'])
    assert.equal(statSync(`${file}${suffix}`).mode & 0o777, 0o600, suffix)
})

test('one in memory alone leaves no file of that name', () => {
  using _ = Checkpoint.open(':memory:')
  assert.equal(existsSync(':memory:'), false)
})

test('what was written is there after a restart', () => {
  const file = join(directory, 'restart.db')
  const allocation = { containers: { a: { requests: { cpu: '100m' } } }, initContainers: {} }
  const before = { containers: { a: {} }, initContainers: {} }
  {
    using checkpoint = Checkpoint.open(file)
    checkpoint.allocate('pod', allocation, before)
    checkpoint.recordActuated('pod', 'a', large)
    checkpoint.markUpdating('pod', new Map([['a', small]]))
    checkpoint.markRestarting('pod', 'id')
    checkpoint.markStarting('other', 'id2')
  }
  using checkpoint = Checkpoint.open(file)
  assert.deepEqual(checkpoint.allocated('pod'), allocation)
  assert.deepEqual(checkpoint.before('pod'), before)
  assert.deepEqual(checkpoint.actuated('pod'), new Map([['a', large]]))
  assert.deepEqual(checkpoint.updating('pod'), new Map([['a', small]]))
  assert.deepEqual(checkpoint.restarting('pod'), new Set(['id']))
  assert.ok(checkpoint.isStarting('id2'))
  checkpoint.forget('pod')
  assert.deepEqual(checkpoint.pods(), [])
  assert.deepEqual(checkpoint.restarting('pod'), new Set())
})

test('a record that is not written whole is not believed in memory either', () => {
  const file = join(directory, 'refused.db')
  using checkpoint = Checkpoint.open(file)
  checkpoint.recordActuated('pod', 'a', large)
  checkpoint.markUpdating('pod', new Map([['a', small]]))
  refuse(file, 'DELETE ON updating')
  assert.throws(() => checkpoint.recordActuated('pod', 'a', small), /disk is full/)
  assert.deepEqual(checkpoint.actuated('pod'), new Map([['a', large]]))
  assert.deepEqual(checkpoint.updating('pod'), new Map([['a', small]]))
  assert.throws(() => checkpoint.forget('pod'), /disk is full/)
  assert.deepEqual(checkpoint.actuated('pod'), new Map([['a', large]]))
})

test('an update that was begun keeps the larger memory limit that an earlier one may have left', () => {
  using checkpoint = Checkpoint.open(join(directory, 'updating.db'))
  checkpoint.markUpdating('pod', new Map([['a', large]]))
  checkpoint.markUpdating('pod', new Map([['a', small]]))
  assert.equal(checkpoint.updating('pod').get('a')?.memoryLimit, 128)
  assert.equal(checkpoint.updating('pod').get('a')?.cpuRequest, 100)
})

test('a checkpoint from before formats were counted is taken over, with what is in it', () => {
  const file = join(directory, 'old.db')
  {
    using checkpoint = Checkpoint.open(file)
    checkpoint.recordActuated('pod', 'a', large)
    setFormat(file, 0)
  }
  {
    using checkpoint = Checkpoint.open(file)
    assert.deepEqual(checkpoint.actuated('pod'), new Map([['a', large]]))
  }
  using db = new DatabaseSync(file)
  assert.equal(db.prepare('PRAGMA user_version').get()?.['user_version'], checkpointFormat)
})

test('a checkpoint of a newer podfit is refused, not set aside as damaged', () => {
  const file = join(directory, 'newer.db')
  Checkpoint.open(file)[Symbol.dispose]()
  setFormat(file, checkpointFormat + 1)
  const before = readFileSync(file)
  assert.throws(() => openCheckpoint(file, () => {}, assert.fail), NewerFormat)
  assert.deepEqual(readFileSync(file), before)
})
