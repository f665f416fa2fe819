import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HttpsApi } from '../../test/apiserver/https-api.ts'

/** What the bench asks this process for. */
export type Question = 'memory' | 'syncs' | 'commits'

/** How many syncs of a page a second a disk does for who does nothing else. */
export interface Syncs {
  /** Of a file that grows by them. */
  readonly appending: number
  /** Of one page after the other of a file that stays as long, as the store's log does: its length needs no sync. */
  readonly overwriting: number
}

/**
 * Runs an API server on the directory given until it is killed; tells its port, and when
 * asked its memory, how many commits it has brought to the disk, or how many syncs a second
 * that disk does.
 */
const [directory = ''] = process.argv.slice(2)
let commits = 0
const onStep = (step: string) => {
  if (step === 'api.commit.after') commits += 1
}
const answers: Readonly<Record<Question, () => unknown>> = {
  memory,
  syncs,
  commits: () => commits,
}
const server = await HttpsApi.start({ directory, onStep })
process.send?.(server.serving.port)
process.on('message', (question: Question) => process.send?.(answers[question]()))

function memory() {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}

function syncs(): Syncs {
  const path = join(directory, 'syncs')
  const file = openSync(path, 'w')
  const appending = syncsPerSecond(file, 2000, Infinity)
  const overwriting = syncsPerSecond(file, 1000, 1000)
  closeSync(file)
  rmSync(path)
  return { appending, overwriting }
}

/** One page of SQLite after the other, written and synced; after so many `pages` from the start again. */
function syncsPerSecond(file: number, milliseconds: number, pages: number): number {
  const page = Buffer.alloc(4096, 1)
  const begun = performance.now()
  let count = 0
  while (performance.now() - begun < milliseconds) {
    writeSync(file, page, 0, page.byteLength, (count % pages) * page.byteLength)
    fdatasyncSync(file)
    count += 1
  }
  return count / ((performance.now() - begun) / 1000)
}
