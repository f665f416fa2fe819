/**
 * Loaded before a program: gives every sync of a file the time that it takes on a slower
 * disk, for what cannot be seen where a sync takes less than the work around it.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const least = Number(process.env['PODFIT_BENCH_SYNC_MS'])
const { fdatasync, fdatasyncSync } = fs

function leftSince(begun: number): number {
  return Math.max(0, least - (performance.now() - begun))
}

fs.fdatasync = ((descriptor: number, done: fs.NoParamCallback) => {
  const begun = performance.now()
  fdatasync(descriptor, (error) => setTimeout(() => done(error), Math.ceil(leftSince(begun))))
}) as typeof fs.fdatasync

fs.fdatasyncSync = (descriptor) => {
  const begun = performance.now()
  fdatasyncSync(descriptor)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leftSince(begun))
}
syncBuiltinESMExports()
