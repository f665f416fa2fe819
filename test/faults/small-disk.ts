import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system in memory that a test makes full, and gives room again. */
export class SmallDisk implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'small-disk-'))
  readonly #filler = join(this.path, 'filler')

  constructor(mebibytes: number) {
    const args = ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'small', this.path]
    const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  }

  /** Writes until nothing fits any more but that many bytes. */
  fill(left = 0): void {
    const descriptor = openSync(this.#filler, 'a')
    try {
      for (const size of [1 << 20, 4096, 1]) {
        const chunk = Buffer.alloc(size)
        while (writes(descriptor, chunk));
      }
    } finally {
      closeSync(descriptor)
    }
    if (left > 0) truncateSync(this.#filler, statSync(this.#filler).size - left)
  }

  empty(): void {
    rmSync(this.#filler, { force: true })
  }

  [Symbol.dispose](): void {
    spawnSync('umount', [this.path])
    rmSync(this.path, { recursive: true, force: true })
  }
}

function writes(descriptor: number, chunk: Buffer): boolean {
  try {
    return writeSync(descriptor, chunk) === chunk.length
  } catch {
    return false
  }
}
