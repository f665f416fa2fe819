import type { Pod } from '../../pod.ts'
import { conditionOf, inProgressType, pendingType } from '../conditions.ts'
import { unsettledContainers, type StatusRules } from './unsettled-containers.ts'

/** Where the resize of a pod stands, as a client of any Kubernetes from 1.27 can tell. */
export type ResizeState =
  /** The running containers have what the spec says, and the node says that it is done. */
  | { readonly kind: 'settled' }
  /** The node has not looked at the wanted spec yet: whatever it says is about an older one. */
  | { readonly kind: 'notYetObserved' }
  /** The node wants to do it but cannot now. It tries again by itself. */
  | {
      readonly kind: 'deferred'
      readonly message: string
      readonly since?: string
      /** An earlier size is still being applied. */
      readonly earlierInProgress: boolean
    }
  /** The node will never do it. Only another request changes that. */
  | {
      readonly kind: 'infeasible'
      readonly message: string
      readonly since?: string
      readonly earlierInProgress: boolean
    }
  /** Accepted, and being applied. */
  | { readonly kind: 'inProgress'; readonly since?: string }
  /** Accepted, but the last attempt to apply it failed. The node tries again by itself. */
  | { readonly kind: 'failed'; readonly message: string; readonly since?: string }

/**
 * The state of the resize to the spec of `pod`.
 *
 * Settled means all three: the node has observed the wanted generation, it reports
 * neither condition, and every running container has by value the CPU and memory that
 * its spec names. The first alone says nothing, and the absence of conditions alone is
 * true right after the request, too. Where the server does not keep an observed
 * generation (before 1.34) the other two decide.
 *
 * Containers that do not run count as settled, since they get their size at the next
 * start, and so does a pod that has no node. So do those of a node that reports no sizes
 * (see `unreportedContainers`): only the kernel tells. Pod-level values are left to the
 * conditions: nodes read them back with rounding (1 CPU as `975m`).
 *
 * @param wantedGeneration that the request was answered with; the pod's own if left out.
 * @see KEP-1287; before 1.33 the deprecated `status.resize` takes the place of conditions.
 */
export function resizeState(
  pod: Pod,
  wantedGeneration: number = pod.metadata.generation ?? 0,
  rules: StatusRules = {},
): ResizeState {
  if (!pod.spec.nodeName) return { kind: 'settled' }
  const legacy = pod.status?.resize
  if (legacy) return legacyState(legacy)
  if (!hasObserved(pod, wantedGeneration)) return { kind: 'notYetObserved' }
  const conditions = pod.status?.conditions
  const pending = conditionOf(conditions, pendingType)
  const progress = conditionOf(conditions, inProgressType)
  if (pending && (pending.observedGeneration ?? wantedGeneration) < wantedGeneration) {
    return { kind: 'notYetObserved' }
  }
  if (pending) {
    return {
      kind: pending.reason === 'Infeasible' ? 'infeasible' : 'deferred',
      message: pending.message ?? '',
      ...sinceOf(pending.lastTransitionTime),
      earlierInProgress: progress !== undefined,
    }
  }
  if (progress?.reason === 'Error') {
    const message = progress.message ?? ''
    return { kind: 'failed', message, ...sinceOf(progress.lastTransitionTime) }
  }
  if (progress) return { kind: 'inProgress', ...sinceOf(progress.lastTransitionTime) }
  if (unsettledContainers(pod, rules).length === 0) return { kind: 'settled' }
  // Without an observed generation nothing tells a request that was not seen yet from one
  // whose result is still missing in the status.
  const seen = pod.status?.observedGeneration !== undefined
  return seen ? { kind: 'inProgress' } : { kind: 'notYetObserved' }
}

function sinceOf(time: string | null | undefined): { since?: string } {
  return time ? { since: time } : {}
}

function hasObserved(pod: Pod, wantedGeneration: number): boolean {
  const generation = pod.metadata.generation ?? 0
  if (generation < wantedGeneration) return false
  const observed = pod.status?.observedGeneration
  return observed === undefined || observed >= wantedGeneration
}

/** `status.resize` of 1.27 to 1.32. It is about the current spec and carries no message. */
function legacyState(resize: string): ResizeState {
  switch (resize) {
    case 'Deferred':
    case 'Infeasible':
      return {
        kind: resize === 'Deferred' ? 'deferred' : 'infeasible',
        message: '',
        earlierInProgress: false,
      }
    case 'InProgress':
      return { kind: 'inProgress' }
    default:
      return { kind: 'notYetObserved' }
  }
}
