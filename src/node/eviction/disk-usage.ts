import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A directory of millions of files takes about that long on a slow disk. */
const usualLimitMs = 60_000

/**
 * What files at and below `path` take of the disk they are on, in bytes; 0 if it is not
 * there (yet).
 *
 * @throws Error if it cannot be told in time, as on a disk that hangs, or if `signal` aborts.
 */
export async function bytesBelow(
  path: string,
  signal?: AbortSignal,
  limitMs: number = usualLimitMs,
): Promise<number> {
  const limit = AbortSignal.timeout(limitMs)
  const stop = signal === undefined ? limit : AbortSignal.any([signal, limit])
  const command = run('du', ['-s', '-x', '-B1', path], { signal: stop, killSignal: 'SIGKILL' })
  const { stdout = '' } = await command.catch((cause: unknown) => {
    if (limit.aborted) {
      throw new Error(`Cannot count what ${path} takes: du did not end within ${limitMs} ms`, {
        cause,
      })
    }
    if (stop.aborted) throw cause
    // du counts what it can and fails for files that went away meanwhile.
    return cause as { readonly stdout?: string }
  })
  return Number(/^\d+/.exec(stdout)?.[0] ?? 0)
}
