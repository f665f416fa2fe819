import {
  allContainers,
  type PodSpec,
  type ResourceList,
  type ResourceRequirements,
} from '../pod.ts'
import { addQuantity, compareQuantity, parseQuantity, type Quantity } from '../quantity/quantity.ts'

export const qosClasses = ['Guaranteed', 'Burstable', 'BestEffort'] as const

/** How well a pod is treated when its node runs short; it decides where its cgroup is. */
export type QosClass = (typeof qosClasses)[number]

const countedResources = ['cpu', 'memory'] as const

type Totals = Map<string, Quantity>

/**
 * The quality of service class of a pod with this spec.
 *
 * Only CPU and memory count, zero counts as absent, and init containers count like the
 * others. Where the spec has pod-level resources, even empty ones, nothing else counts.
 * It does not fill in requests from limits: give it a spec that an API server has
 * defaulted.
 *
 * @see Kubernetes pkg/apis/core/helper/qos, ComputePodQOS; KEP-2837 for pod-level resources.
 */
export function qosClassOf(spec: PodSpec): QosClass {
  const requests: Totals = new Map()
  const limits: Totals = new Map()
  let allLimited = true
  for (const resources of countedRequirements(spec)) {
    addPositive(requests, resources?.requests)
    const limited = addPositive(limits, resources?.limits)
    allLimited &&= limited === countedResources.length
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  return allLimited && sameTotals(requests, limits) ? 'Guaranteed' : 'Burstable'
}

function countedRequirements(spec: PodSpec): readonly (ResourceRequirements | undefined)[] {
  if (spec.resources) return [spec.resources]
  return allContainers(spec).map(({ resources }) => resources)
}

/** Adds what `list` has above zero to the totals. Returns of how many resources that was. */
function addPositive(totals: Totals, list: ResourceList | undefined): number {
  let found = 0
  for (const resource of countedResources) {
    const text = list?.[resource]
    const quantity = text === undefined ? undefined : parseQuantity(text)
    if (quantity === undefined || quantity.nano <= 0n) continue
    const total = totals.get(resource)
    totals.set(resource, total ? addQuantity(total, quantity) : quantity)
    found++
  }
  return found
}

function sameTotals(requests: Totals, limits: Totals): boolean {
  return (
    requests.size === limits.size &&
    [...requests].every(([resource, request]) => {
      const limit = limits.get(resource)
      return limit !== undefined && compareQuantity(request, limit) === 0
    })
  )
}
