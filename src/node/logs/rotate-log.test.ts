import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { removeLog, rotateLog } from './rotate-log.ts'

const policy = { maxSize: 3, maxFiles: 3 }
const start = Date.parse('2026-01-01T00:00:00Z')

function logIn(t: TestContext): { directory: string; log: string } {
  const directory = mkdtempSync(join(tmpdir(), 'podfit-rotate-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, '10.log'), 'of another run')
  return { directory, log: join(directory, '0.log') }
}

test('a large log is renamed, the one before compressed, and the oldest removed', async (t) => {
  const { directory, log } = logIn(t)
  for (const [index, text] of ['first', 'second', 'third', '4'].entries()) {
    writeFileSync(log, text)
    await rotateLog(log, policy, async () => writeFileSync(log, ''), new Date(start + index * 1000))
  }
  assert.deepEqual(readdirSync(directory).toSorted(), [
    '0.log',
    '0.log.20260101-000001.gz',
    '0.log.20260101-000002',
    '10.log',
  ])
  assert.equal(readFileSync(log, 'utf8'), '4', 'this one was small')
  assert.equal(readFileSync(`${log}.20260101-000002`, 'utf8'), 'third')
  const compressed = readFileSync(`${log}.20260101-000001.gz`)
  assert.equal(gunzipSync(compressed).toString(), 'second')

  await removeLog(log)
  assert.deepEqual(readdirSync(directory), ['10.log'])
})

test('a log that the runtime does not open anew goes back', async (t) => {
  const { directory, log } = logIn(t)
  writeFileSync(log, 'large')
  const refusal = new Error('no')
  const rotated = rotateLog(log, policy, () => Promise.reject(refusal), new Date(start))
  await assert.rejects(rotated, refusal)
  assert.deepEqual(readdirSync(directory).toSorted(), ['0.log', '10.log'])
})

test('a log that is gone is opened anew: a crash came between', async (t) => {
  const { log } = logIn(t)
  let opened = 0
  await rotateLog(log, policy, async () => void (opened += 1), new Date(start))
  assert.equal(opened, 1)
})

test('a log that is not there is removed, and one that cannot be looked for is told', async (t) => {
  const { directory, log } = logIn(t)
  await removeLog(join(directory, 'nobody', '0.log'))
  writeFileSync(log, 'no directory')
  await assert.rejects(removeLog(join(log, '0.log')), { code: 'ENOTDIR' })
})
