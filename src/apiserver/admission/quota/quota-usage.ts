import type { Pod, PodSpec } from '../../../domain/pod.ts'
import { podLimits, podRequests } from '../../../domain/resources/pod-resources.ts'
import { addQuantity, parseQuantity, type Quantity } from '../../../domain/quantity/quantity.ts'
import type { QuantityList } from '../../../domain/quantity/quantity-list.ts'
import { countedSpec } from '../../../domain/resize/admission/counted-spec.ts'
import { isActive } from '../../../domain/resize/admission/node-usage.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { numberAt, objectAt, objectsAt, textAt } from '../../schema/read-json.ts'

const one = parseQuantity('1') as Quantity

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

/** `cpu` is what quotas call both `cpu` and `requests.cpu`. */
function requestNames(resource: string): readonly string[] {
  if (['cpu', 'memory', 'ephemeral-storage'].includes(resource)) {
    return [resource, `requests.${resource}`]
  }
  return isHugePages(resource) ? [resource, `requests.${resource}`] : [`requests.${resource}`]
}

function limitNames(resource: string): readonly string[] {
  return ['cpu', 'memory', 'ephemeral-storage'].includes(resource) ? [`limits.${resource}`] : []
}

function renamed(list: QuantityList, names: (resource: string) => readonly string[]): QuantityList {
  return Object.fromEntries(
    Object.entries(list).flatMap(([resource, quantity]) =>
      names(resource).map((name) => [name, quantity] as const),
    ),
  )
}

/**
 * What a pod uses up of quotas, by the quotas' names for it. Resources count with the most of
 * what is wanted, allocated and actual, so that they are given back only after a shrinking
 * pod has shrunk. A pod that has ended, or has outstayed its deletion, counts as an object only.
 *
 * @param now milliseconds since 1970
 */
export function podUsage(pod: Pod, now: number): QuantityList {
  const objects = { 'count/pods': one }
  if (!isActive(pod) || isOverdue(pod, now)) return objects
  const spec = countedSpec(pod)
  return {
    ...objects,
    pods: one,
    ...renamed(podRequests(spec), requestNames),
    ...renamed(podLimits(spec), limitNames),
  }
}

/**
 * Whether the pod should be gone: the node that had to end it may be lost.
 *
 * @see Kubernetes pkg/quota/v1/evaluator/core/pods.go, QuotaV1Pod
 */
function isOverdue({ metadata }: Pod, now: number): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds: grace } = metadata
  if (deletionTimestamp === undefined || grace === undefined) return false
  return now > Date.parse(deletionTimestamp) + grace * 1000
}

/** What any other object uses up: itself. `resource` is `configmaps` or `leases.coordination.k8s.io`. */
export function objectUsage(resource: string, object: JsonObject): QuantityList {
  const counted = { [`count/${resource}`]: one }
  if (resource.includes('.')) return counted
  const own = { ...counted, [resource]: one }
  return resource === 'services' ? { ...own, ...serviceUsage(objectAt(object, 'spec') ?? {}) } : own
}

/** @see Kubernetes pkg/quota/v1/evaluator/core/services.go */
function serviceUsage(spec: JsonObject): QuantityList {
  const balanced = textAt(spec, 'type') === 'LoadBalancer'
  if (!balanced && textAt(spec, 'type') !== 'NodePort') return {}
  const ports = objectsAt(spec, 'ports')
  const opened =
    balanced && spec['allocateLoadBalancerNodePorts'] === false
      ? ports.filter((port) => numberAt(port, 'nodePort') !== 0)
      : ports
  return {
    'services.nodeports': parseQuantity(String(opened.length)) as Quantity,
    ...(balanced ? { 'services.loadbalancers': one } : {}),
  }
}

export function sumUsage(usages: readonly QuantityList[]): QuantityList {
  const sum: Record<string, Quantity> = {}
  for (const usage of usages) {
    for (const [name, quantity] of Object.entries(usage)) {
      const before = sum[name]
      sum[name] = before ? addQuantity(before, quantity) : quantity
    }
  }
  return sum
}

const mustBeSet = [
  'cpu',
  'limits.cpu',
  'limits.memory',
  'memory',
  'requests.cpu',
  'requests.memory',
]

/**
 * Which containers leave a resource unset that a quota bounds: `must specify limits.cpu for:
 * a,b; memory for: a`. Undefined if none does, and for a pod that has any size of its own.
 *
 * @see Kubernetes pkg/quota/v1/evaluator/core/pods.go, Constraints
 */
export function unsetResources(spec: PodSpec, bounded: readonly string[]): string | undefined {
  const { limits, requests } = spec.resources ?? {}
  if (Object.keys({ ...limits, ...requests }).length > 0) return undefined
  const required = mustBeSet.filter((name) => bounded.includes(name))
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const missing = required.flatMap((name) => {
    const names = containers
      .filter(({ resources }) => !isSet(resources, name))
      .map((container) => container.name)
    return names.length === 0 ? [] : [`${name} for: ${[...new Set(names)].toSorted().join(',')}`]
  })
  return missing.length === 0 ? undefined : `must specify ${missing.join('; ')}`
}

function isSet(resources: PodSpec['resources'], name: string): boolean {
  const [side, resource] = name.startsWith('limits.')
    ? (['limits', name.slice('limits.'.length)] as const)
    : (['requests', name.replace('requests.', '')] as const)
  return resources?.[side]?.[resource] !== undefined
}
