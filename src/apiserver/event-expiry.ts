import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import type { KubeObject } from './kube-object.ts'
import type { Change } from './store/store.ts'

/** As kube-apiserver's --event-ttl. */
const lifeMs = 3_600_000
const sweepMs = 60_000

interface Event extends KubeObject {
  readonly eventTime?: string | null
  readonly lastTimestamp?: string | null
  readonly series?: { readonly lastObservedTime?: string | null } | null
}

/** Removes events an hour after they last happened, until the returned function is called. */
export function expireEvents(server: ServerParts): () => void {
  const tasks = new BackgroundTasks(server.tellFailure)
  const sweep = () => tasks.run('the events of the last hour', () => removeExpired(server))
  const timer = setInterval(sweep, sweepMs)
  timer.unref()
  sweep()
  return () => {
    clearInterval(timer)
    tasks[Symbol.dispose]()
  }
}

async function removeExpired({ store, now }: ServerParts): Promise<void> {
  const isOld = (object: KubeObject) => now() - lastHappened(object) > lifeMs
  const old = store
    .collection('events')
    .list('')
    .filter(({ object }) => isOld(object))
  await Promise.all(
    old.map(({ key }) =>
      store.write('events', key, (latest): Change => {
        if (latest === undefined || !isOld(latest.object)) return { kind: 'keep' }
        return { kind: 'remove', object: latest.object }
      }),
    ),
  )
}

/** Milliseconds since 1970. */
function lastHappened(object: KubeObject): number {
  const { metadata, eventTime, lastTimestamp, series } = object as Event
  const times = [metadata.creationTimestamp, eventTime, lastTimestamp, series?.lastObservedTime]
  return Math.max(...times.map((time) => Date.parse(time ?? '') || 0))
}
