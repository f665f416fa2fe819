import type {
  Container,
  Pod,
  PodSpec,
  ResourceList,
  ResourceRequirements,
} from '../../../domain/pod.ts'
import { podLimits, podRequests } from '../../../domain/resources/pod-resources.ts'
import { parseList, type QuantityList } from '../../../domain/quantity/quantity-list.ts'
import { checkMaximum, checkMinimum, checkRatio, type Observed } from './limit-range-checks.ts'

export interface LimitRangeItem {
  readonly type: string
  readonly default?: ResourceList
  readonly defaultRequest?: ResourceList
  readonly max?: ResourceList
  readonly min?: ResourceList
  readonly maxLimitRequestRatio?: ResourceList
}

export interface LimitRange {
  readonly metadata: { readonly name: string }
  readonly spec?: { readonly limits?: readonly LimitRangeItem[] }
}

function itemsOf(range: LimitRange): readonly LimitRangeItem[] {
  return range.spec?.limits ?? []
}

/**
 * A LimitRange as kube-apiserver completes it: for containers the default limit follows from
 * the maximum, the default request from the default limit, else from the minimum.
 */
export function defaultLimitRange<Range extends LimitRange>(range: Range): Range {
  const limits = itemsOf(range).map((item) => {
    if (item.type !== 'Container') return item
    const limit = { ...item.max, ...item.default }
    const defaultRequest = { ...item.min, ...limit, ...item.defaultRequest }
    return {
      ...item,
      ...(Object.keys(limit).length > 0 && { default: limit }),
      ...(Object.keys(defaultRequest).length > 0 && { defaultRequest }),
    }
  })
  return { ...range, spec: { ...range.spec, limits } }
}

/** Requests and limits that containers get where they name none, over all of a namespace's ranges. */
function defaultResources(ranges: readonly LimitRange[]): Required<Sides> {
  const items = ranges.flatMap(itemsOf).filter(({ type }) => type === 'Container')
  return {
    requests: Object.assign({}, ...items.map((item) => item.defaultRequest)) as ResourceList,
    limits: Object.assign({}, ...items.map((item) => item.default)) as ResourceList,
  }
}

interface Sides {
  readonly requests?: ResourceList
  readonly limits?: ResourceList
}

/**
 * `pod` with the namespace's default requests and limits in the containers that lack them;
 * an annotation tells which. Runs on create and, as in Kubernetes, on a resize: there it can
 * make an error of what was right before.
 */
export function applyLimitRanges(pod: Pod, ranges: readonly LimitRange[]): Pod {
  const defaults = defaultResources(ranges)
  const notes: string[] = []
  const complete = (container: Container, sort: string) => {
    const added = missingFrom(container.resources, defaults)
    notes.push(...noteOf(added.requests, 'request', sort, container.name))
    notes.push(...noteOf(added.limits, 'limit', sort, container.name))
    return withAdded(container, added)
  }
  const containers = pod.spec.containers.map((one) => complete(one, 'container'))
  const initContainers = pod.spec.initContainers?.map((one) => complete(one, 'init container'))
  if (notes.length === 0) return pod
  const annotations = {
    ...pod.metadata.annotations,
    'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${notes.join('; ')}`,
  }
  const spec: PodSpec = { ...pod.spec, containers, ...(initContainers && { initContainers }) }
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec }
}

function missingFrom(
  resources: ResourceRequirements | undefined,
  defaults: Required<Sides>,
): Required<Sides> {
  const missing = (side: keyof Sides) =>
    Object.fromEntries(
      Object.entries(defaults[side]).filter(([name]) => resources?.[side]?.[name] === undefined),
    )
  return { requests: missing('requests'), limits: missing('limits') }
}

function withAdded(container: Container, added: Required<Sides>): Container {
  const merged = (side: keyof Sides) => ({ ...container.resources?.[side], ...added[side] })
  const [requests, limits] = [merged('requests'), merged('limits')]
  return {
    ...container,
    resources: {
      ...container.resources,
      ...(Object.keys(requests).length > 0 && { requests }),
      ...(Object.keys(limits).length > 0 && { limits }),
    },
  }
}

function noteOf(added: ResourceList, side: string, sort: string, name: string): readonly string[] {
  const resources = Object.keys(added).toSorted()
  return resources.length === 0 ? [] : [`${resources.join(', ')} ${side} for ${sort} ${name}`]
}

/**
 * Why the namespace's LimitRanges forbid the pod, in kube-apiserver's words; undefined where
 * they do not. Pods that are being deleted are let through.
 */
export function checkLimitRanges(pod: Pod, ranges: readonly LimitRange[]): string | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  for (const range of ranges) {
    const problems = [...new Set(itemsOf(range).flatMap((item) => checkItem(pod.spec, item)))]
    if (problems.length === 1) return problems[0]
    if (problems.length > 1) return `[${problems.join(', ')}]`
  }
  return undefined
}

function checkItem(spec: PodSpec, item: LimitRangeItem): readonly string[] {
  switch (item.type) {
    case 'Container':
      return [...spec.containers, ...(spec.initContainers ?? [])].flatMap(({ resources }) =>
        checkBounds(item, parseList(resources?.requests), parseList(resources?.limits)),
      )
    case 'Pod':
      return checkBounds(item, podRequests(spec), podLimits(spec))
    default:
      return []
  }
}

function checkBounds(
  item: LimitRangeItem,
  requests: QuantityList,
  limits: QuantityList,
): readonly string[] {
  const each = (
    bounds: ResourceList | undefined,
    check: (observed: Observed) => string | undefined,
  ) =>
    Object.entries(parseList(bounds)).flatMap(([resource, bound]) => {
      const observed = {
        type: item.type,
        resource,
        bound,
        request: requests[resource],
        limit: limits[resource],
      }
      return check(observed) ?? []
    })
  return [
    ...each(item.min, checkMinimum),
    ...each(item.max, checkMaximum),
    ...each(item.maxLimitRequestRatio, checkRatio),
  ]
}
