import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { terminationLog } from './container-files.ts'
import { messagePolicyAnnotation } from '../runtime/labels.ts'
import { lastWords } from './last-words.ts'
import type { RuntimeContainerStatus } from '../runtime/runtime-container.ts'

let podDir = ''
beforeEach(() => {
  podDir = mkdtempSync(join(tmpdir(), 'podfit-words-'))
  mkdirSync(dirname(terminationLog(podDir, 'main', 0)), { recursive: true })
})
afterEach(() => rmSync(podDir, { recursive: true }))

function ended(changes: Partial<RuntimeContainerStatus> = {}): RuntimeContainerStatus {
  return {
    id: 'c1',
    metadata: { name: 'main', attempt: 0 },
    state: 'exited',
    createdAt: 0,
    exitCode: 1,
    image: '',
    imageRef: '',
    reason: '',
    message: '',
    labels: {},
    annotations: {},
    logPath: join(podDir, 'log'),
    ...changes,
  }
}

test('of a message file of any size the end is told', () => {
  const file = terminationLog(podDir, 'main', 0)
  writeFileSync(file, '')
  truncateSync(file, 5 * 2 ** 30)
  writeFileSync(file, 'goodbye', { flag: 'a' })
  const words = lastWords(podDir, ended())
  assert.equal(words.length, 4096)
  assert.match(words, /\0goodbye$/)
})

test('a container that failed without a word has the end of its log, if it wants that', () => {
  const annotations = { [messagePolicyAnnotation]: 'FallbackToLogsOnError' }
  writeFileSync(join(podDir, 'log'), '2026-01-01T00:00:00Z stderr F no such thing\n')
  assert.equal(lastWords(podDir, ended({ annotations })), 'no such thing\n')
  assert.equal(lastWords(podDir, ended({ annotations, exitCode: 0 })), '')
  assert.equal(lastWords(podDir, ended()), '')
})
