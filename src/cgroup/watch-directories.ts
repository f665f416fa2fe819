import { watch, type FSWatcher } from 'node:fs'

/** More than these take a machine's inotify watches away from others. */
const mostWatches = 256

/**
 * Resolves when a file in one of the directories was written to, and when `signal` aborts.
 * The kernel tells of writes to cgroup files, by anybody, but not of what it changes itself.
 * Directories that cannot be watched are left out; without any it waits for `signal`.
 */
export async function untilWritten(
  directories: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const written = Promise.withResolvers<void>()
  const watchers = directories.slice(0, mostWatches).flatMap((directory) => {
    try {
      return [watch(directory, () => written.resolve())]
    } catch {
      return []
    }
  })
  const done = () => written.resolve()
  for (const watcher of watchers) watcher.on('error', done)
  signal.addEventListener('abort', done, { once: true })
  if (signal.aborted) done()
  await written.promise
  signal.removeEventListener('abort', done)
  watchers.forEach((watcher: FSWatcher) => watcher.close())
}
