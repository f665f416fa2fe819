import type { ResourceRequirements } from '../../domain/pod.ts'
import type { FollowOutcome } from './follow/follow-state.ts'

/** What a run does to one size, known in full before anything is sent. */
export interface JournalItem {
  readonly namespace: string
  readonly name: string
  /** A pod of the same name with another UID is another pod, and is left alone. */
  readonly uid?: string
  /** Whose size it is; without it that of the pod itself. */
  readonly container?: string | undefined
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

export type RunEnd = 'done' | 'failed' | 'stopped' | 'rolledBack' | 'rollbackFailed'

/** What leads to the cluster of a run again, whatever the current context is by then. */
export interface RunConnection {
  /** Every file that was read: `$KUBECONFIG` may name several. Absent inside of a cluster. */
  readonly kubeconfig?: readonly string[]
  readonly context?: string
  readonly as?: string
  readonly asGroup?: readonly string[]
}

/** Of a journal. To be counted up when an older podfit would misread one. */
export const journalFormat = 1

export interface Begun {
  readonly entry: 'begun'
  /** Absent in journals from before formats were counted, which have the first. */
  readonly format?: number
  readonly id: string
  /** RFC 3339. */
  readonly at: string
  readonly server: string
  /** UID of the namespace `kube-system`, which tells clusters apart; absent if it may not be read. */
  readonly cluster?: string
  readonly connection: RunConnection
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
    }

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
