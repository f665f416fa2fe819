import { watch, type FSWatcher } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { readKernel, type KernelFile, type KernelValue } from './kernel.ts'

/** One file that somebody wrote a new value to. */
export interface KernelChange extends KernelValue {
  readonly before: string
  /** When it was seen, as of performance.now(). */
  readonly at: number
}

/**
 * Notes each write to cgroup files, in the order of the writes: inotify tells of
 * what a program writes to them, though not of what the kernel changes by itself.
 */
export class KernelWatch implements Disposable {
  readonly #changes: KernelChange[] = []
  readonly #files: ReadonlyMap<string, KernelFile>
  readonly #values = new Map<string, string>()
  readonly #watchers: readonly FSWatcher[]

  constructor(files: readonly KernelFile[]) {
    this.#files = new Map(files.map((file) => [file.path, file]))
    for (const { path, value } of readKernel(files)) this.#values.set(path, value)
    const directories = new Set(files.map(({ path }) => dirname(path)))
    this.#watchers = [...directories].map((directory) =>
      watch(directory, (_, name) => this.#written(join(directory, name ?? ''))),
    )
  }

  /** All changes until now. */
  async changes(): Promise<readonly KernelChange[]> {
    // What is waiting to be told is told in this turn of the event loop or the next.
    await turn()
    await turn()
    return this.#changes
  }

  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close()
  }

  #written(path: string): void {
    const file = this.#files.get(path)
    if (file === undefined) return
    const before = this.#values.get(path) ?? ''
    for (const now of readKernel([file])) {
      this.#values.set(path, now.value)
      if (now.value !== before) this.#changes.push({ ...now, before, at: performance.now() })
    }
  }
}

/** Whether every change of `first` came before every one of `second`, and both came. */
export function cameBefore(
  changes: readonly KernelChange[],
  first: (change: KernelChange) => boolean,
  second: (change: KernelChange) => boolean,
): boolean {
  const lastOfFirst = changes.findLastIndex(first)
  const firstOfSecond = changes.findIndex(second)
  return lastOfFirst !== -1 && lastOfFirst < firstOfSecond
}
