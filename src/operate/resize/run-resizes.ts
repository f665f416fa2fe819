import {
  type Begun,
  type Direction,
  type Journal,
  type JournalEntry,
  journalFormat,
  type RunEnd,
} from './journal.ts'
import { isGood, mayHoldOurs, type Run, startedRun, withEntry } from './run.ts'
import { resizeItem, type RunOptions, type RunPorts } from './resize-item.ts'

/** Begins a run: its plan is on disk before anything is sent. */
export function beginRun(journal: Journal, begun: Begun): Run {
  const marked = { ...begun, format: journalFormat }
  journal.append(marked)
  return startedRun(marked)
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
  const { begun } = start
  const { onFailure, pauseMs } = begun
  const tell = (entry: JournalEntry): void => {
    ports.journal.append(entry)
    run = withEntry(run, entry)
  }
  const takeAll = (items: readonly number[], direction: Direction): Promise<void> =>
    together(items, options.signal, (item, signal) =>
      resizeItem(ports, begun, item, direction, { ...options, signal }, tell),
    )

  /** Wave by wave; undefined where one failed and all is to go back. */
  async function forward(): Promise<RunEnd | undefined> {
    let sent = false
    for (const wave of wavesOf(begun)) {
      const due = wave.filter((item) => run.items[item]?.state !== 'ended')
      if (due.length > 0 && sent) await pause()
      sent ||= due.length > 0
      await takeAll(due, 'forward')
      if (onFailure === 'continue' || wave.every((item) => isGood(run.items[item]?.outcome)))
        continue
      if (onFailure === 'stop') return 'stopped'
      tell({ entry: 'rollingBack', at: ports.today() })
      return undefined
    }
    return run.items.every(({ outcome }) => isGood(outcome)) ? 'done' : 'failed'
  }

  async function pause(): Promise<void> {
    if (pauseMs === 0) return
    options.onPause?.(pauseMs)
    await ports.clock.sleep(pauseMs, options.signal)
    options.signal.throwIfAborted()
  }

  /** One after the other, the last one first. */
  async function back(): Promise<RunEnd> {
    for (const item of begun.items.keys().toArray().reverse()) {
      const progress = run.items[item]
      if (progress === undefined || !mayHoldOurs(progress)) continue
      if (progress.direction === 'back' && progress.state === 'ended') continue
      await takeAll([item], 'back')
    }
    return run.items.some(mayHoldOurs) ? 'rollbackFailed' : 'rolledBack'
  }

  const end = (run.rollingBack ? undefined : await forward()) ?? (await back())
  tell({ entry: 'finished', at: ports.today(), end })
  return run
}

/** All side by side; one that throws stops the others. */
async function together(
  items: readonly number[],
  outer: AbortSignal,
  take: (item: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController()
  const signal = AbortSignal.any([outer, stop.signal])
  const all = items.map((item) =>
    take(item, signal).catch((error: unknown) => {
      stop.abort(error)
      throw error
    }),
  )
  const ends = await Promise.allSettled(all)
  if (ends.some(({ status }) => status === 'rejected'))
    throw outer.aborted ? outer.reason : stop.signal.reason
}

function wavesOf({ items, wave }: Begun): readonly (readonly number[])[] {
  const indices = [...items.keys()]
  const waves = Math.ceil(items.length / wave)
  return Array.from({ length: waves }, (_, n) => indices.slice(n * wave, (n + 1) * wave))
}
