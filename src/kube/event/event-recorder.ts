import { setTimeout as sleep } from 'node:timers/promises'
import type { KubeClient } from '../client/kube-client.ts'
import { isKubeError } from '../client/kube-error.ts'
import type { ObjectAddress } from '../object/paths.ts'
import { events, type KubeResource } from '../object/resource.ts'
import { createBackOff } from '../pause/back-off.ts'
import {
  type EventReporter,
  type EventSubject,
  type EventText,
  keyOf,
  type KubeEvent,
  newEvent,
} from './kube-event.ts'
import { untilCalm } from './until-calm.ts'

export interface EventRecorderOptions extends EventReporter {
  readonly client: Pick<KubeClient, 'create' | 'patch'>
  /**
   * Events wait until none has come for so long, or for two seconds: what they tell of goes
   * before them.
   * @default 0
   */
  readonly calmMs?: number
  /** Hears of each event that could not be written. */
  readonly onLost?: (event: KubeEvent, error: unknown) => void
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** Writes events about objects, in order and in the background. Never throws and never waits. */
export interface EventRecorder extends AsyncDisposable {
  record(subject: EventSubject, text: EventText): void
  /** When all that was recorded so far is written or lost. */
  flush(): Promise<void>
}

/** One event on the server; repetitions raise its count. */
interface Entry {
  event: KubeEvent
  /** Whether the server has it. */
  isWritten: boolean
  isQueued: boolean
}

/** Events remembered for counting, as client-go's cache. */
const maxRemembered = 4096
/** Events waiting while the server cannot be reached. */
const maxQueued = 1000
/** Half a minute for a server to come back; then the next event gets its turn. */
const maxTries = 8
/** For a calm that does not come. */
const longestWaitMs = 2000

const eventResource = events as KubeResource<KubeEvent>

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, now = Date.now, onLost = () => undefined } = options
  const { calmMs = 0 } = options
  const remembered = new Map<string, Entry>()
  const queue: Entry[] = []
  const closing = new AbortController()
  let working: Promise<void> | undefined
  let serial = 0

  function remember(key: string, entry: Entry): void {
    remembered.delete(key)
    remembered.set(key, entry)
    const oldest = remembered.size > maxRemembered ? remembered.keys().next().value : undefined
    if (oldest !== undefined) remembered.delete(oldest)
  }

  async function create(entry: Entry): Promise<void> {
    await client.create(eventResource, entry.event)
    entry.isWritten = true
  }

  async function write(entry: Entry): Promise<void> {
    if (entry.isWritten) return raise(entry)
    try {
      await create(entry)
    } catch (error) {
      // The answer to an earlier try was lost, and not the try: names are not given twice.
      if (!isKubeError(error, 'AlreadyExists')) throw error
      entry.isWritten = true
      await raise(entry)
    }
  }

  async function raise(entry: Entry): Promise<void> {
    const { metadata, count, lastTimestamp } = entry.event
    const address: ObjectAddress = { namespace: metadata.namespace, name: metadata.name }
    try {
      await client.patch(eventResource, address, { type: 'merge', body: { count, lastTimestamp } })
    } catch (error) {
      // Servers drop events after an hour: begin again under the same name.
      if (!isKubeError(error, 'NotFound')) throw error
      await create(entry)
    }
  }

  async function writeOrLose(entry: Entry): Promise<void> {
    const backOff = createBackOff({ firstMs: 250, maxMs: 10_000 })
    for (let tries = 1; ; tries++) {
      try {
        return await write(entry)
      } catch (error) {
        const mayWork = isKubeError(error) && error.retry === 'soon' && tries < maxTries
        if (!mayWork) return onLost(entry.event, error)
        await backOff.wait(closing.signal)
      }
    }
  }

  async function begin(): Promise<void> {
    const pause = () => sleep(calmMs, undefined, { signal: closing.signal }).catch(() => {})
    await untilCalm(() => serial, pause, calmMs === 0 ? 0 : longestWaitMs / calmMs)
  }

  async function work(): Promise<void> {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      entry.isQueued = false
      await writeOrLose(entry)
    }
    working = undefined
  }

  function enqueue(entry: Entry): void {
    if (entry.isQueued) return
    entry.isQueued = true
    queue.push(entry)
    if (queue.length > maxQueued) {
      const lost = queue.shift()
      if (lost !== undefined) {
        lost.isQueued = false
        onLost(lost.event, new Error(`More than ${maxQueued} events wait for the API server`))
      }
    }
    working ??= begin().then(work)
  }

  return {
    record(subject, text) {
      const key = keyOf(subject, text)
      const event = newEvent(subject, text, options, { ms: now(), serial: serial++ })
      const entry = remembered.get(key) ?? { event, isWritten: false, isQueued: false }
      if (entry.event !== event) {
        const { lastTimestamp } = event
        entry.event = { ...entry.event, lastTimestamp, count: entry.event.count + 1 }
      }
      remember(key, entry)
      enqueue(entry)
    },
    async flush() {
      await working
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await working
    },
  }
}
