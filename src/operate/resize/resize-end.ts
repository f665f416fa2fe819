import type { Pod } from '../../domain/pod.ts'
import type { ApiRefusal } from '../cluster/pod-client.ts'
import type { FollowState } from './follow/follow-state.ts'

/** What became of one resize. */
export type ResizeEnd =
  /** It was sent and followed to `state.outcome`. */
  | { readonly kind: 'followed'; readonly state: FollowState }
  /** The API server said no; nothing changed. */
  | { readonly kind: 'refused'; readonly refusal: ApiRefusal }
  /** The pod went away before anything was sent. */
  | { readonly kind: 'missing' }
  /** Somebody changed the size after it was read; nothing was sent. */
  | { readonly kind: 'changedMeanwhile'; readonly pod: Pod }
