import type { PodSpec } from '../../pod.ts'
import { isRemoved, withoutCpuAndMemory } from './changed-lists.ts'
import { forbidden, type FieldError } from '../../field-error.ts'
import { sameClaims, sameList } from '../same-resources.ts'

/**
 * Why pod-level resources may not change like that. They can be added and changed in CPU
 * and memory, never removed (Kubernetes 1.35+).
 */
export function validatePodLevelChange(old: PodSpec, merged: PodSpec): readonly FieldError[] {
  const before = old.resources
  const after = merged.resources
  if (!before && !after) return []
  if (!after) return [forbidden('spec.resources', 'pod-level resources cannot be removed')]
  const errors: FieldError[] = []
  if (isRemoved(before?.requests, after.requests)) {
    const detail = 'pod-level resource requests cannot be removed'
    errors.push(forbidden('spec.resources.requests', detail))
  }
  if (isRemoved(before?.limits, after.limits)) {
    const detail = 'pod-level resource limits cannot be removed'
    errors.push(forbidden('spec.resources.limits', detail))
  }
  const sameRest =
    sameList(withoutCpuAndMemory(before?.requests), withoutCpuAndMemory(after.requests)) &&
    sameList(withoutCpuAndMemory(before?.limits), withoutCpuAndMemory(after.limits)) &&
    sameClaims(before?.claims, after.claims)
  if (!sameRest) {
    errors.push(forbidden('spec', 'only cpu and memory resources are mutable at pod-level'))
  }
  return errors
}
