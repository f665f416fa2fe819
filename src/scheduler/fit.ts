import type { Pod, ResourceList } from '../domain/pod.ts'
import { fitsNode } from '../domain/resize/admission.ts'

/** A node as far as the placing of pods depends on it. */
export interface NodeRoom {
  readonly name: string
  readonly allocatable: ResourceList
  readonly labels: Readonly<Record<string, string>>
  /** Cordoned. */
  readonly unschedulable: boolean
}

/** Why the pod cannot be placed on the node, in the scheduler's words; empty if it can. */
export function unfitReasons(pod: Pod, others: readonly Pod[], node: NodeRoom): readonly string[] {
  if (node.unschedulable) return ['node(s) were unschedulable']
  const selector = Object.entries(pod.spec.nodeSelector ?? {})
  if (selector.some(([key, value]) => node.labels[key] !== value)) {
    return ["node(s) didn't match Pod's node affinity/selector"]
  }
  const fit = fitsNode(pod, others, node)
  if (fit.kind === 'fits') return []
  return fit.shortages.map(({ resource }) =>
    resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`,
  )
}
