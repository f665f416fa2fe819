import type { ResourceRequirements } from '../domain/pod.ts'
import type { FollowOutcome } from './follow-state.ts'

/** What a run does to one container, known in full before anything is sent. */
export interface JournalItem {
  readonly namespace: string
  readonly name: string
  /** A pod of the same name with another UID is another pod, and is left alone. */
  readonly uid?: string
  readonly container: string
  readonly from: ResourceRequirements
  readonly to: ResourceRequirements
}

export const failurePolicies = ['stop', 'rollback', 'continue'] as const

/** What to do with the rest when a pod does not get its size. */
export type FailurePolicy = (typeof failurePolicies)[number]

/** `back` is the way to the size before. */
export type Direction = 'forward' | 'back'

export type ItemOutcome =
  /** Verified in every layer that can be seen from here. */
  | FollowOutcome['kind']
  /** Done by the API; the kernel could not be seen. */
  | 'unseen'
  /** The API server said no. */
  | 'refused'
  /** Somebody else changed the size since: it is left as it is. */
  | 'changed'

/** `undone`: given up by `podfit undo`, which has a journal of its own. */
export type RunEnd = 'done' | 'failed' | 'stopped' | 'rolledBack' | 'rollbackFailed' | 'undone'

export interface Begun {
  readonly entry: 'begun'
  readonly id: string
  /** RFC 3339. */
  readonly at: string
  readonly server: string
  /** Flags that lead to the cluster. */
  readonly connection: Readonly<Record<string, string>>
  readonly items: readonly JournalItem[]
  /** Pods that go at once. */
  readonly wave: number
  readonly pauseMs: number
  readonly timeoutMs: number
  readonly onFailure: FailurePolicy
  /** The run that this one takes back. */
  readonly undoes?: string
}

/** One line of a journal. It is on disk before what it announces happens. */
export type JournalEntry =
  | Begun
  | {
      readonly entry: 'sending'
      readonly at: string
      readonly item: number
      readonly direction: Direction
    }
  | {
      readonly entry: 'ended'
      readonly at: string
      readonly item: number
      readonly direction: Direction
      readonly outcome: ItemOutcome
      readonly message?: string
    }
  | { readonly entry: 'rollingBack'; readonly at: string }
  | {
      readonly entry: 'finished'
      readonly at: string
      readonly end: RunEnd
      /** Of `undone`: the run that took this one back. */
      readonly by?: string
    }

export interface ItemProgress {
  readonly direction: Direction
  readonly state: 'waiting' | 'sending' | 'ended'
  readonly outcome?: ItemOutcome
  readonly message?: string
}

/** What a journal tells of a run. */
export interface Run {
  readonly begun: Begun
  readonly items: readonly ItemProgress[]
  readonly rollingBack: boolean
  readonly finished?: { readonly end: RunEnd; readonly by?: string }
}

/** Where a run writes down what it does. */
export interface Journal {
  /** The entry is on disk when this returns. */
  append(entry: JournalEntry): void
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
      return withItem(run, entry.item, { direction: entry.direction, state: 'sending' })
    case 'ended': {
      const { direction, outcome, message } = entry
      const told = message === undefined ? {} : { message }
      return withItem(run, entry.item, { direction, state: 'ended', outcome, ...told })
    }
    case 'rollingBack':
      return { ...run, rollingBack: true }
    case 'finished': {
      const { end, by } = entry
      return { ...run, finished: { end, ...(by === undefined ? {} : { by }) } }
    }
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
