import type { KubeClient, Selection } from '../client/kube-client.ts'
import { KubeError } from '../client/kube-error.ts'
import { listAll } from '../client/list-all.ts'
import type { KubeObject } from '../object/kube-object.ts'
import type { KubeResource } from '../object/resource.ts'
import { createBackOff, type BackOffRange } from '../pause/back-off.ts'
import { createObjectCache, type ObjectHandlers } from './object-cache.ts'

export interface InformerOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  readonly resource: KubeResource<T>
  /** What to follow. @default all namespaces, all objects */
  readonly selection?: Omit<Selection, 'signal' | 'resourceVersion'>
  readonly handlers?: ObjectHandlers<T>
  /** Ends the informer. */
  readonly signal: AbortSignal
  /** Hears of each failed request, which is tried again, and of each handler that threw. */
  readonly onError?: (error: unknown) => void
  /** Waits between failed tries, a little longer at random. @default 250 ms to 30 s */
  readonly backOff?: BackOffRange
}

export interface Informer<T extends KubeObject> {
  /** The objects as last seen, by `namespace/name`. Do not change them. */
  readonly cache: ReadonlyMap<string, T>
  /** Once the first list is in the cache and the handlers know it; rejects if the signal aborts before. */
  readonly synced: Promise<void>
  /** When it has ended. Never rejects. */
  readonly done: Promise<void>
}

/** A watch without events for longer than this past its own end is a dead connection. */
const graceSeconds = 30
/** Servers end watches after this and half of it more, at random, as client-go asks. */
const watchSeconds = 300
/** A watch that ends sooner and without an event counts as a failure. */
const shortestWatchMs = 1000

/** A signal for one watch: aborts with `signal`, or when the watch is overdue. */
function watchSignal(signal: AbortSignal, seconds: number) {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  const timer = setTimeout(abort, (seconds + graceSeconds) * 1000).unref()
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  const release = () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, [Symbol.dispose]: release }
}

function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.code === 410
}

/**
 * Follows a collection: lists it, then watches from there, for as long as `signal` lasts.
 * A broken watch goes on from the last version seen; where the server no longer has that
 * (410), it lists anew and tells the difference, deletions included.
 */
export function startInformer<T extends KubeObject>(options: InformerOptions<T>): Informer<T> {
  const { client, resource, selection = {}, signal } = options
  const onError = options.onError ?? (() => undefined)
  const cache = createObjectCache<T>(options.handlers ?? {}, onError)
  const backOff = createBackOff(options.backOff ?? { firstMs: 250, maxMs: 30_000 })
  const synced = Promise.withResolvers<void>()
  synced.promise.catch(() => undefined)

  async function relist(): Promise<string | undefined> {
    const list = await listAll(client, resource, { ...selection, signal })
    cache.replace(list.items)
    synced.resolve()
    return list.metadata.resourceVersion
  }

  /** One watch from `version` to its end; gives the version it came to. */
  async function watchOnce(version: string | undefined, progress: (version: string) => void) {
    const timeoutSeconds = Math.round(watchSeconds * (1 + Math.random() / 2))
    using limited = watchSignal(signal, timeoutSeconds)
    const from = { resourceVersion: version, allowWatchBookmarks: true, timeoutSeconds }
    const watching = { ...selection, ...from, signal: limited.signal }
    for await (const event of client.watch(resource, watching)) {
      if (event.type === 'DELETED') cache.delete(event.object)
      else if (event.type !== 'BOOKMARK') cache.set(event.object)
      progress(event.object.metadata.resourceVersion ?? '')
    }
  }

  /** Watches from `version`, one watch after the other, until the server has lost the place. */
  async function follow(version: string | undefined): Promise<void> {
    let at = version
    let hasLived = false
    while (!signal.aborted) {
      const began = performance.now()
      let isAlive = false
      const progress = (seen: string) => {
        isAlive = true
        hasLived = true
        if (seen !== '') at = seen
        backOff.reset()
      }
      try {
        await watchOnce(at, progress)
        isAlive ||= performance.now() - began >= shortestWatchMs
      } catch (error) {
        if (signal.aborted) return
        onError(error)
        isAlive = false
        // Lists that are too old at once must not follow each other without a pause.
        if (isExpired(error)) return hasLived ? undefined : backOff.wait(signal)
      }
      if (!isAlive) await backOff.wait(signal)
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        await follow(await relist())
      } catch (error) {
        if (signal.aborted) break
        onError(error)
        await backOff.wait(signal)
      }
    }
    synced.reject(signal.reason)
  }

  return { cache: cache.objects, synced: synced.promise, done: run() }
}
