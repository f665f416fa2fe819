import type { PodSpec } from '../pod.ts'
import type { Instant } from './observed.ts'

/** How a pod ends that was active for too long. */
export const deadlineExceeded = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
} as const

/** When the pod's time is up; undefined without a deadline or before the pod has begun. */
export function deadlineOf(
  { activeDeadlineSeconds }: PodSpec,
  startTime: string | undefined,
): Instant | undefined {
  if (activeDeadlineSeconds === undefined || startTime === undefined) return undefined
  return Date.parse(startTime) + activeDeadlineSeconds * 1000
}
