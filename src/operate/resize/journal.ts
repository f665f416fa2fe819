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

/** Where a run writes down what it does. */
export interface Journal {
  /** The entry is on disk when this returns. */
  append(entry: JournalEntry): void
}
