import type { Pod } from '../../domain/pod.ts'
import { sameSize, sizeOf } from '../../domain/resources/size.ts'
import type { PodRef } from '../cluster/pod-client.ts'
import { hasPart, resourcesAt } from '../pod-part.ts'
import type { FollowState } from './follow/follow-state.ts'
import type {
  Begun,
  Direction,
  ItemOutcome,
  Journal,
  JournalEntry,
  JournalItem,
} from './journal.ts'
import { prepareSize, type PreparedResize } from './prepare-resize.ts'
import type { ResizeEnd } from './resize-end.ts'
import { resizePod } from './resize-pod.ts'
import type { ResizePorts } from './send-and-follow.ts'

/** One size on its way; for whoever watches. */
export interface ItemStep {
  readonly item: number
  readonly direction: Direction
  readonly ref: PodRef
  readonly prepared: PreparedResize
}

/** How one step of a run ended: followed, or left out for the reason that the outcome is. */
export interface ItemEnd {
  readonly item: number
  readonly direction: Direction
  readonly ref: PodRef
  readonly outcome: ItemOutcome
  readonly message?: string
  /** Absent where nothing was sent. */
  readonly sent?: { readonly prepared: PreparedResize; readonly end: ResizeEnd }
}

export interface RunPorts extends ResizePorts {
  readonly journal: Journal
  /** The time of day, RFC 3339. */
  readonly today: () => string
}

export interface RunOptions {
  readonly signal: AbortSignal
  readonly onState: (step: ItemStep, state: FollowState) => void
  readonly onEnd: (end: ItemEnd) => void
  /** Called before the pause between two waves. */
  readonly onPause?: (ms: number) => void
}

/**
 * Takes one size of a run forward or back: looks what there is to do, does it, and writes down
 * what came of it.
 *
 * @param tell writes the journal.
 */
export async function resizeItem(
  ports: RunPorts,
  { items, timeoutMs }: Begun,
  index: number,
  direction: Direction,
  { signal, onState, onEnd }: RunOptions,
  tell: (entry: JournalEntry) => void,
): Promise<void> {
  const item = items[index]
  if (item === undefined) throw new RangeError(`There is no item ${index}`)
  const ref = { namespace: item.namespace, name: item.name }
  const place = { item: index, direction, ref }
  const answer = await ports.client.read(ref, signal)
  const ready = readyItem(item, direction, answer.kind === 'pod' ? answer.pod : undefined)
  const end =
    ready.kind === 'leave' ? { ...place, outcome: ready.outcome } : await sent(ready.prepared)
  const { outcome, message } = end
  const told = message === undefined ? {} : { message }
  tell({ entry: 'ended', at: ports.today(), item: index, direction, outcome, ...told })
  onEnd(end)

  async function sent(prepared: PreparedResize): Promise<ItemEnd> {
    tell({ entry: 'sending', at: ports.today(), item: index, direction })
    const end = await resizePod(ports, ref, prepared, {
      timeoutMs,
      signal,
      onState: (state) => onState({ ...place, prepared }, state),
    })
    return { ...place, ...outcomeOf(end), sent: { prepared, end } }
  }
}

type Ready =
  | { readonly kind: 'send'; readonly prepared: PreparedResize }
  | { readonly kind: 'leave'; readonly outcome: 'gone' | 'changed' }

/** What there is to do for one item, by what its pod says now. */
function readyItem(item: JournalItem, direction: Direction, pod: Pod | undefined): Ready {
  if (pod === undefined || pod.metadata.uid !== item.uid || !hasPart(pod, item.container)) {
    return { kind: 'leave', outcome: 'gone' }
  }
  const [start, goal] = direction === 'forward' ? [item.from, item.to] : [item.to, item.from]
  const now = sizeOf(resourcesAt(pod, item.container))
  const arrived = sameSize(now, sizeOf(goal))
  if (!arrived && !sameSize(now, sizeOf(start))) return { kind: 'leave', outcome: 'changed' }
  const prepared = prepareSize(pod, item.container, goal)
  return prepared === undefined ? { kind: 'leave', outcome: 'gone' } : { kind: 'send', prepared }
}

function outcomeOf(end: ResizeEnd): { outcome: ItemOutcome; message?: string } {
  switch (end.kind) {
    case 'refused':
      return { outcome: 'refused', message: end.refusal.message }
    case 'missing':
      return { outcome: 'gone' }
    case 'changedMeanwhile':
      return { outcome: 'changed' }
    case 'followed': {
      const outcome = end.state.outcome ?? { kind: 'timedOut', why: '' }
      if (outcome.kind === 'done') return { outcome: outcome.unseen.length > 0 ? 'unseen' : 'done' }
      const message = 'message' in outcome ? outcome.message : 'why' in outcome ? outcome.why : ''
      return { outcome: outcome.kind, ...(message === '' ? {} : { message }) }
    }
    default:
      return end satisfies never
  }
}
