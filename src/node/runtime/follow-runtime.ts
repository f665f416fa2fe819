import { setTimeout as sleep } from 'node:timers/promises'
import { MissedEvents } from './missed-events.ts'
import type { NodeContext } from '../node-context.ts'
import type { RuntimeEvent } from './runtime-event.ts'

export interface FollowedRuntime {
  readonly context: Pick<NodeContext, 'runtime' | 'observed' | 'pods' | 'sandboxUpdates'>
  /** Something of the pod is not as it was. */
  readonly wake: (uid: string) => void
  /** After each whole look at what the runtime has. */
  readonly onListed: () => void
  readonly onError: (message: string, error: unknown) => void
  /** Ends it. */
  readonly signal: AbortSignal
}

type ContainerEvent = Exclude<RuntimeEvent, { kind: 'subscribed' }>

const reopenMs = 500

/**
 * Follows the runtime's events until the signal. A broken stream is opened again and all is
 * listed; what was missed otherwise is found by looking, slowly, and soon after a look failed.
 */
export async function followRuntime(options: FollowedRuntime): Promise<void> {
  const { context, onListed, onError, signal } = options
  using missed = new MissedEvents(options)
  while (!signal.aborted) {
    try {
      for await (const event of context.runtime.watchContainerEvents({ signal })) {
        if (event.kind === 'subscribed') {
          await Promise.all([relist(options), context.sandboxUpdates.probe()])
          onListed()
        } else void lookAt(options, event, missed)
      }
    } catch (error) {
      if (signal.aborted) return
      onError('The stream of container events broke', error)
      await sleep(reopenMs, undefined, { signal }).catch(() => {})
    }
  }
}

async function relist({ context: { observed, pods }, wake }: FollowedRuntime): Promise<void> {
  const changed = await observed.relist()
  // What failed while the runtime was away need not wait for its next try.
  const known = [...pods.all()].map(({ metadata }) => metadata.uid ?? '')
  for (const uid of new Set([...changed, ...known])) wake(uid)
}

/** Something happened to a container or a sandbox: look at it, then at its pod. */
async function lookAt(
  options: FollowedRuntime,
  event: ContainerEvent,
  missed: MissedEvents,
): Promise<void> {
  const { context, wake, onError } = options
  const { containerId: id } = event
  const uid = context.observed.owner(id)
  // Not this node's, or not known yet: whoever creates it looks by himself.
  if (uid === undefined) return
  if (context.observed.isAwaited(event)) return wake(uid)
  const isSeen = await context.observed.refreshAfter(event).catch((error: unknown) => {
    onError(`Cannot look at container ${id}`, error)
    return false
  })
  if (!isSeen) missed.soon()
  wake(uid)
}
