import type { Pod } from '../../domain/pod.ts'
import { sameSize, sizeOf } from '../../domain/resources.ts'
import type { FollowState } from './follow-state.ts'
import {
  isGood,
  mayHoldOurs,
  startedRun,
  withEntry,
  type Begun,
  type Direction,
  type ItemOutcome,
  type Journal,
  type JournalEntry,
  type JournalItem,
  type Run,
  type RunEnd,
} from './journal.ts'
import type { PodRef } from '../cluster/pod-client.ts'
import { hasPart, resourcesAt } from '../pod-part.ts'
import { prepareSize, type PreparedResize } from './prepare-resize.ts'
import { resizePod } from './resize-pod.ts'
import type { ResizeEnd } from './resize-end.ts'
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

/** Begins a run: its plan is on disk before anything is sent. */
export function beginRun(journal: Journal, begun: Begun): Run {
  journal.append(begun)
  return startedRun(begun)
}

/**
 * Carries a run on to its end, from wherever it is: a new one, or one whose process was
 * killed. What a killed process sent last is looked up on the pod, so each step may be done
 * again. A pod that holds neither the size before nor the size after is somebody else's
 * business and is left alone.
 *
 * @throws what the client throws when no answer can be had, and the signal's reason; the
 *   journal then tells where to carry on.
 */
export async function carryOn(ports: RunPorts, start: Run, options: RunOptions): Promise<Run> {
  let run = start
  const tell = (entry: JournalEntry): void => {
    ports.journal.append(entry)
    run = withEntry(run, entry)
  }
  const at = ports.today
  const { begun } = start
  const { onFailure, pauseMs } = begun

  async function together(items: readonly number[], direction: Direction): Promise<void> {
    const stop = new AbortController()
    const signal = AbortSignal.any([options.signal, stop.signal])
    const one = (item: number) => step(ports, begun, item, direction, { ...options, signal }, tell)
    const all = items.map((item) =>
      one(item).catch((error: unknown) => {
        stop.abort(error)
        throw error
      }),
    )
    const failed = (await Promise.allSettled(all)).find(({ status }) => status === 'rejected')
    if (failed?.status === 'rejected')
      throw options.signal.aborted ? options.signal.reason : stop.signal.reason
  }

  if (!run.rollingBack) {
    let sent = false
    for (const wave of wavesOf(begun)) {
      const due = wave.filter((item) => run.items[item]?.state !== 'ended')
      if (due.length > 0 && sent && pauseMs > 0) {
        options.onPause?.(pauseMs)
        await ports.clock.sleep(pauseMs, options.signal)
        options.signal.throwIfAborted()
      }
      sent ||= due.length > 0
      await together(due, 'forward')
      if (onFailure === 'continue' || wave.every((item) => isGood(run.items[item]?.outcome)))
        continue
      if (onFailure === 'stop') return finish('stopped')
      tell({ entry: 'rollingBack', at: at() })
      break
    }
    if (!run.rollingBack) {
      return finish(run.items.every(({ outcome }) => isGood(outcome)) ? 'done' : 'failed')
    }
  }
  for (const item of begun.items.keys().toArray().reverse()) {
    const progress = run.items[item]
    if (progress === undefined || !mayHoldOurs(progress)) continue
    if (progress.direction === 'back' && progress.state === 'ended') continue
    await together([item], 'back')
  }
  return finish(run.items.some(mayHoldOurs) ? 'rollbackFailed' : 'rolledBack')

  function finish(end: RunEnd): Run {
    tell({ entry: 'finished', at: at(), end })
    return run
  }
}

function wavesOf({ items, wave }: Begun): readonly (readonly number[])[] {
  const indices = [...items.keys()]
  const waves = Math.ceil(items.length / wave)
  return Array.from({ length: waves }, (_, n) => indices.slice(n * wave, (n + 1) * wave))
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

async function step(
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
