import type { PodSpec, Toleration } from '../domain/pod.ts'
import type { Taint } from './node-room.ts'

/** The first taint that keeps the pod off its node; undefined if none does. */
export function untoleratedTaint(spec: PodSpec, taints: readonly Taint[]): Taint | undefined {
  return taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerates(spec, taint))
}

/** Whether one of the pod's tolerations is meant for the taint. */
export function tolerates({ tolerations = [] }: PodSpec, taint: Taint): boolean {
  return tolerations.some((toleration) => isFor(toleration, taint))
}

/**
 * Whether the toleration is meant for the taint.
 *
 * @see k8s.io/component-helpers/scheduling/corev1, ToleratesTaint
 */
export function isFor(
  { key = '', operator, value = '', effect = '' }: Toleration,
  taint: Taint,
): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  switch (operator ?? 'Equal') {
    case 'Equal':
    case '':
      return value === (taint.value ?? '')
    case 'Exists':
      return true
    default:
      return false
  }
}
