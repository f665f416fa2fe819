import type { PodSpec } from './pod.ts'

/** From this priority up a pod is critical (Kubernetes' SystemCriticalPriority). */
const criticalPriority = 2_000_000_000

/** Whether the pod is critical by its priority; static and mirror pods are it at any. */
export function hasCriticalPriority({ priority = 0 }: Pick<PodSpec, 'priority'>): boolean {
  return priority >= criticalPriority
}
