import { timerSpan } from '../../domain/timer-span.ts'
import { negotiate } from '../answer/negotiate.ts'
import type { Call } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { readIncludeObject } from '../query/include-object.ts'
import { readWatchOptions, type ListOptions } from '../query/list-options.ts'
import { filterOf, type Filter } from '../rest/filter.ts'
import { expired, versionTooLarge, type StatusError } from '../status-error.ts'
import type { Collection } from '../store/collection.ts'
import type { StoreEvent } from '../store/stored.ts'
import {
  bookmarkBytes,
  errorBytes,
  eventBytes,
  storedBytes,
  type EventFormat,
  type WatchType,
} from './event-bytes.ts'
import { EventQueue, type LazyLine, type QueueEnd } from './event-queue.ts'

const bookmarkMs = 60_000
/** How long a client may take to read the last lines of its watch. */
const partingMs = 30_000
/** Watches without timeoutSeconds end after 30 to 60 minutes, so that clients spread. */
const shortestSeconds = 1800

/** GET of a collection with `watch=true`: what is there, if asked for, then every change. */
export function watchObjects(call: Call): Response {
  const options = readWatchOptions(call.query, call.server.version)
  const filter = filterOf(call)
  const format = formatOf(call)
  const collection = call.server.store.collection(resourceId(call.target.kind))
  const start = startOf(call, collection, filter, options, format)
  return new Response(openWatch(call, collection, filter, options, format, start), {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache, private' },
  })
}

/** Prints a line when it is about to be sent. The first line of a table has its columns. */
type Print = (first: boolean) => Uint8Array

/** What a watch sends before anything new happens. */
interface Start {
  readonly lines: readonly Print[]
  /** Nothing can follow: the history that was asked for is gone. */
  readonly over: boolean
}

function startOf(
  call: Call,
  collection: Collection,
  filter: Filter,
  options: ListOptions,
  format: EventFormat,
): Start {
  const { version = 0n, initialEvents = version === 0n } = options
  const { store } = call.server
  if (version > 0n && !initialEvents) {
    const missed = collection.since(Number(version))
    if (missed !== undefined) return { lines: replayed(missed, filter, format), over: false }
    return refused(expired(`too old resource version: ${version} (${store.version})`))
  }
  if (initialEvents && version > store.version) {
    return refused(versionTooLarge(version, store.version))
  }
  const present = initialEvents ? collection.list(filter.prefix).filter(filter.matches) : []
  const lines = present.map((stored): Print => {
    return (first) => storedBytes(stored, 'ADDED', format, first)
  })
  if (options.initialEvents && options.bookmarks) {
    const reached = store.version
    lines.push((first) => bookmarkBytes(reached, format, { first, initialEnd: true }))
  }
  return { lines, over: false }
}

/** The one event of a watch that cannot show what it is asked for. */
function refused(why: StatusError): Start {
  return { lines: [() => errorBytes(why.toStatus())], over: true }
}

function replayed(
  missed: readonly StoreEvent[],
  filter: Filter,
  format: EventFormat,
): readonly Print[] {
  return missed.flatMap((event): readonly Print[] => {
    const type = meaningOf(event, filter)
    return type === undefined ? [] : [(first) => eventBytes(event, type, format, first)]
  })
}

function openWatch(
  call: Call,
  collection: Collection,
  filter: Filter,
  options: ListOptions,
  format: EventFormat,
  start: Start,
): ReadableStream<Uint8Array> {
  const { server, request } = call
  const initial = start.lines.map(
    (print, index): LazyLine =>
      () =>
        print(index === 0),
  )
  const queue = new EventQueue(initial, (how) => stop(how))
  let begun = initial.length > 0
  const push = (print: Print) => {
    queue.push(print(!begun))
    begun = true
  }
  const silence = collection.listen((event) => {
    const type = meaningOf(event, filter)
    if (type !== undefined) push((first) => eventBytes(event, type, format, first))
  })
  const bookmark = () => {
    push((first) => bookmarkBytes(server.store.version, format, { first, initialEnd: false }))
  }
  const ticking = options.bookmarks ? setInterval(bookmark, bookmarkMs) : undefined
  const end = () => queue.end()
  const timeout = setTimeout(() => {
    if (options.bookmarks) bookmark()
    end()
  }, lifeMs(options))
  const cutOff = () => queue.cutOff()
  const closed = server.metrics.watching(call.target)
  const stop = (how: QueueEnd) => {
    silence()
    closed()
    clearInterval(ticking)
    clearTimeout(timeout)
    server.closing.removeEventListener('abort', end)
    request.signal.removeEventListener('abort', cutOff)
    if (call.disconnect !== undefined) disconnectAfter(how, call.disconnect)
  }
  server.closing.addEventListener('abort', end)
  request.signal.addEventListener('abort', cutOff)
  if (start.over || server.closing.aborted) end()
  ticking?.unref()
  timeout.unref()
  return queue.stream
}

/** A client that does not read keeps its connection no longer than its watch, and a little. */
function disconnectAfter(how: QueueEnd, disconnect: () => void): void {
  switch (how) {
    case 'ended':
      setTimeout(disconnect, partingMs).unref()
      return
    case 'cutOff':
      disconnect()
      return
    case 'cancelled':
      return
    default:
      how satisfies never
  }
}

function lifeMs(options: ListOptions): number {
  return timerSpan(1000 * (options.timeoutSeconds ?? shortestSeconds * (1 + Math.random())))
}

/** What a change means to somebody who sees only what the filter lets through. */
function meaningOf(event: StoreEvent, filter: Filter): WatchType | undefined {
  const before = event.previous !== undefined && filter.matches(event.previous)
  const after = event.type !== 'DELETED' && filter.matches(event.current)
  if (after) return before ? 'MODIFIED' : 'ADDED'
  return before ? 'DELETED' : undefined
}

function formatOf(call: Call): EventFormat {
  const { shape, metaVersion } = negotiate(call.request.headers.get('accept'))
  return {
    kind: call.target.kind,
    shape,
    metaVersion,
    includeObject: readIncludeObject(call.query),
    now: call.server.now,
  }
}
