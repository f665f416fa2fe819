import { compareQuantity, parseQuantity } from '../../quantity/quantity.ts'
import type { Pod, PodSpec } from '../../pod.ts'
import { podRequests } from '../../resources/pod-resources.ts'
import { qosClassOf } from '../../resources/qos.ts'
import { conditionOf, pendingType } from '../conditions.ts'

/** A resize that waits for the node's decision. */
export interface WaitingResize {
  /** With the desired spec, and the conditions that the node last reported. */
  readonly pod: Pod
  readonly allocated: PodSpec
}

/**
 * Which of two waiting resizes is decided first; negative if `a`.
 *
 * Those that do not raise the pod's CPU or memory requests come first, then higher
 * priority, then Guaranteed pods, then those that have waited longer. Pods that are not
 * pending yet come last; equal ones keep their order.
 *
 * @see kubelet's allocation manager, sortPendingResizes (Kubernetes 1.34+).
 */
export function compareResizes(a: WaitingResize, b: WaitingResize): number {
  return (
    Number(raisesRequests(a)) - Number(raisesRequests(b)) ||
    (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0) ||
    Number(isGuaranteed(b.pod)) - Number(isGuaranteed(a.pod)) ||
    compareTimes(pendingSince(a.pod), pendingSince(b.pod))
  )
}

/** Whether the pod as a whole would reserve more CPU or memory than it has been given. */
export function raisesRequests({ pod, allocated }: WaitingResize): boolean {
  const wanted = podRequests(pod.spec)
  const given = podRequests(allocated)
  return ['cpu', 'memory'].some((resource) => {
    const want = wanted[resource]
    return want !== undefined && compareQuantity(want, given[resource] ?? zero) > 0
  })
}

const zero = parseQuantity('0')!

function isGuaranteed(pod: Pod): boolean {
  return (pod.status?.qosClass ?? qosClassOf(pod.spec)) === 'Guaranteed'
}

function pendingSince(pod: Pod): number {
  const time = conditionOf(pod.status?.conditions, pendingType)?.lastTransitionTime
  return time ? Date.parse(time) : Number.POSITIVE_INFINITY
}

function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a - b
}
