import type { Pod } from '../../../domain/pod.ts'
import type { ResizeState } from '../../../domain/resize/reporting/state.ts'
import type { CgroupLook } from '../../cgroups/cgroup-look.ts'
import type { LayerState, ResizeLayer } from './layer-state.ts'
import type { ResizeTarget } from './resize-target.ts'

/** How a followed resize ended. */
export type FollowOutcome =
  /** Every layer that can be seen holds the new size; `unseen` says what could not be looked at. */
  | { readonly kind: 'done'; readonly unseen: readonly string[] }
  /** The API says done, the kernel does not hold it. */
  | { readonly kind: 'drift' }
  | { readonly kind: 'deferred'; readonly message: string }
  | { readonly kind: 'infeasible'; readonly message: string }
  /** The node keeps failing to carry it out; the old size still holds. */
  | { readonly kind: 'failing'; readonly message: string }
  /** Somebody changed the size again. */
  | { readonly kind: 'superseded' }
  /** The pod was deleted or replaced by one of the same name. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'timedOut'; readonly waitingFor: ResizeLayer; readonly why: string }

export interface LayerProgress {
  readonly state: LayerState
  /** Milliseconds from the sending of the patch, once reached. */
  readonly afterMs?: number
  /** It held the new values before the patch already. */
  readonly unchanged?: boolean
}

/** Everything known about a resize under way. Times are milliseconds of one monotonic clock. */
export interface FollowState {
  readonly target: ResizeTarget
  readonly sentAt: number
  readonly deadline: number
  /** How long the cgroups may lag behind a status that says done before it is called drift. */
  readonly graceMs: number
  readonly pod: Pod
  readonly look: CgroupLook
  readonly layers: Readonly<Record<ResizeLayer, LayerProgress>>
  /** What the node says about the wanted size. */
  readonly resize: ResizeState
  /** The watch has shown the pod with the wanted size. */
  readonly sighted?: boolean
  /** When the API's layers were all reached. */
  readonly settledAt?: number
  readonly outcome?: FollowOutcome
}
