/**
 * Loaded before a program: gives every sync of a file the time that it takes on a slower disk, for
 * what cannot be seen where a sync takes less than the work around it. A timer of Node.js is late
 * by up to a millisecond, so a thread of its own waits for a sync beside the event loop.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

const least = Number(process.env['PODFIT_BENCH_SYNC_MS'])
const { fdatasyncSync } = fs

function syncSlowly(descriptor: number): void {
  const end = performance.now() + least
  fdatasyncSync(descriptor)
  const left = Math.max(0, end - performance.now())
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, left)
}

/** As fdatasync, one sync after the other; that of the bench's server never fails. */
function syncBeside(): typeof fs.fdatasync {
  const thread = new Worker(import.meta.filename, { execArgv: [] })
  const waiting: fs.NoParamCallback[] = []
  thread.on('message', () => waiting.shift()?.(null))
  const sync = (descriptor: number, done: fs.NoParamCallback) => {
    waiting.push(done)
    thread.postMessage(descriptor, [])
  }
  return sync as typeof fs.fdatasync
}

if (isMainThread) {
  fs.fdatasyncSync = syncSlowly
  fs.fdatasync = syncBeside()
  syncBuiltinESMExports()
} else {
  parentPort?.on('message', (descriptor: number) => {
    syncSlowly(descriptor)
    parentPort?.postMessage(descriptor, [])
  })
}
