import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { HttpsApi } from '../../test/apiserver/https-api.ts'

/** What the bench asks this process for. */
export type Question = 'memory' | 'syncs'

/**
 * Runs an API server on the directory given until it is killed; tells its port, and when
 * asked its memory, or how many syncs a second its disk does.
 */
const [directory = ''] = process.argv.slice(2)
const server = await HttpsApi.start({ directory })
process.send?.(server.serving.port)
process.on('message', (question: Question) => {
  process.send?.(question === 'memory' ? memory() : syncsPerSecond(2000))
})

function memory() {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}

/** One page of SQLite appended and synced, one after the other, for `milliseconds`. */
function syncsPerSecond(milliseconds: number): number {
  const path = join(directory, 'syncs')
  const file = openSync(path, 'w')
  const page = Buffer.alloc(4096, 1)
  const begun = performance.now()
  let count = 0
  while (performance.now() - begun < milliseconds) {
    writeSync(file, page)
    fdatasyncSync(file)
    count += 1
  }
  const seconds = (performance.now() - begun) / 1000
  closeSync(file)
  rmSync(path)
  return count / seconds
}
