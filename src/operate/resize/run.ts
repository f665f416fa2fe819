import type { Begun, Direction, ItemOutcome, JournalEntry, RunEnd } from './journal.ts'

/** How far one size of a run has come. */
export interface ItemProgress {
  readonly direction: Direction
  readonly state: 'waiting' | 'sending' | 'ended'
  /** RFC 3339; absent while it waits. */
  readonly sentAt?: string
  readonly outcome?: ItemOutcome
  readonly message?: string
}

/** What a journal tells of a run. */
export interface Run {
  readonly begun: Begun
  readonly items: readonly ItemProgress[]
  readonly rollingBack: boolean
  /** `undone` is in no journal of its own: the one of the run `by` which it was tells it. */
  readonly finished?: { readonly end: RunEnd } | { readonly end: 'undone'; readonly by: string }
}

export function startedRun(begun: Begun): Run {
  const items = begun.items.map((): ItemProgress => ({ direction: 'forward', state: 'waiting' }))
  return { begun, items, rollingBack: false }
}

/** The run after one more entry. */
export function withEntry(run: Run, entry: JournalEntry): Run {
  switch (entry.entry) {
    case 'begun':
      return startedRun(entry)
    case 'sending':
      return withItem(run, entry.item, {
        direction: entry.direction,
        state: 'sending',
        sentAt: entry.at,
      })
    case 'ended': {
      const { direction, outcome, message } = entry
      const { sentAt } = run.items[entry.item] ?? {}
      const told = {
        ...(sentAt !== undefined && { sentAt }),
        ...(message !== undefined && { message }),
      }
      return withItem(run, entry.item, { direction, state: 'ended', outcome, ...told })
    }
    case 'rollingBack':
      return { ...run, rollingBack: true }
    case 'finished':
      return { ...run, finished: { end: entry.end } }
    default:
      return entry satisfies never
  }
}

function withItem(run: Run, index: number, progress: ItemProgress): Run {
  return { ...run, items: run.items.with(index, progress) }
}

/** The run that the entries of a journal tell of; `undefined` if it does not begin as one. */
export function runOf([first, ...rest]: readonly JournalEntry[]): Run | undefined {
  return first?.entry === 'begun' ? rest.reduce(withEntry, startedRun(first)) : undefined
}

/** The runs of several journals, with those marked that another one has taken back. */
export function withUndone(runs: readonly Run[]): readonly Run[] {
  const undone = new Map(
    runs.filter(hasTakenBack).map(({ begun }) => [begun.undoes ?? '', begun.id] as const),
  )
  return runs.map((run) => {
    const by = undone.get(run.begun.id)
    return by === undefined ? run : { ...run, finished: { end: 'undone', by } }
  })
}

/** Whether the run has come to its end, and left of the run that it undoes no size on any pod. */
function hasTakenBack({ begun, items, finished }: Run): boolean {
  if (begun.undoes === undefined || finished === undefined) return false
  return items.every(({ outcome }) => isGood(outcome) || isLeftAlone(outcome))
}

/** Whether the pod is another one by now, or has a size that somebody else gave it. */
function isLeftAlone(outcome: ItemOutcome | undefined): boolean {
  return outcome === 'gone' || outcome === 'changed' || outcome === 'superseded'
}

/** Whether the outcome is what was wanted. */
export function isGood(outcome: ItemOutcome | undefined): boolean {
  return outcome === 'done' || outcome === 'unseen'
}

/** Whether a size of ours may be on the pod: something was sent and nothing says that it was in vain. */
export function mayHoldOurs({ state, outcome, direction }: ItemProgress): boolean {
  if (state === 'waiting') return false
  if (direction === 'back') return state === 'sending' || !isGood(outcome)
  return outcome !== 'refused' && outcome !== 'gone' && outcome !== 'changed'
}
