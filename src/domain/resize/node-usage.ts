import type { Container, ContainerStatus, Pod, PodSpec, ResourceList } from '../pod.ts'
import { isSidecar } from '../pod.ts'
import { podRequests } from '../pod-resources.ts'
import { compareQuantity, milliValue, parseQuantity, wholeValue } from '../quantity.ts'
import { conditionOf, pendingType } from './conditions.ts'

/**
 * How much of a node something takes: CPU in millicores, everything else in whole units
 * (bytes, pods, devices).
 */
export type Amounts = Readonly<Record<string, number>>

/** The amounts in a list of quantities, fractions rounded up. */
export function amountsIn(list: ResourceList): Amounts {
  return Object.fromEntries(
    Object.entries(list).flatMap(([name, text]) => {
      const quantity = parseQuantity(text)
      if (quantity === undefined) return []
      return [[name, name === 'cpu' ? milliValue(quantity) : wholeValue(quantity)]]
    }),
  )
}

/** What a pod asks of a node by its spec alone. */
export function amountsOf(spec: PodSpec): Amounts {
  return Object.fromEntries(
    Object.entries(podRequests(spec)).map(([name, quantity]) => [
      name,
      name === 'cpu' ? milliValue(quantity) : wholeValue(quantity),
    ]),
  )
}

/**
 * What `pods` take of their node together, as the scheduler and the kubelet count it.
 *
 * Each container counts with the most of what its spec says, what the node has allocated
 * and what it really has, so that room is free only after a shrinking container has
 * shrunk; a resize that is Infeasible does not count with what it wanted. Pods that have
 * ended take nothing.
 *
 * The kubelet calls this with specs that hold the allocated resources, the scheduler
 * with the desired ones: there a Deferred resize takes the room it waits for.
 *
 * @see component-helpers/resource/helpers.go, PodRequests with UseStatusResources.
 */
export function nodeUsage(pods: readonly Pod[]): Amounts {
  const active = pods.filter(isActive)
  const total: Record<string, number> = { pods: active.length }
  for (const pod of active) {
    for (const [name, amount] of Object.entries(amountsOf(countedSpec(pod)))) {
      total[name] = (total[name] ?? 0) + amount
    }
  }
  return total
}

/** Whether the pod still holds its resources: its phase is neither Succeeded nor Failed. */
export function isActive(pod: Pod): boolean {
  return pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'
}

/** The spec with the requests that count against the node. */
function countedSpec(pod: Pod): PodSpec {
  const { spec, status } = pod
  const infeasible = conditionOf(status?.conditions, pendingType)?.reason === 'Infeasible'
  const containers = spec.containers.map((container) =>
    counted(container, status?.containerStatuses, infeasible),
  )
  const initContainers = spec.initContainers?.map((container) =>
    isSidecar(container)
      ? counted(container, status?.initContainerStatuses, infeasible)
      : container,
  )
  const podLevel = spec.resources?.requests && {
    ...spec.resources,
    requests: onlyKeys(
      spec.resources.requests,
      most(
        infeasible && status?.resources ? {} : spec.resources.requests,
        status?.resources?.requests,
        status?.resources ? status.allocatedResources : undefined,
      ),
    ),
  }
  return {
    ...spec,
    containers,
    ...(initContainers ? { initContainers } : {}),
    ...(podLevel ? { resources: podLevel } : {}),
  }
}

function counted(
  container: Container,
  statuses: readonly ContainerStatus[] | undefined,
  infeasible: boolean,
): Container {
  const status = statuses?.find(({ name }) => name === container.name)
  if (!status?.resources) return container
  const wanted = infeasible ? undefined : container.resources?.requests
  const requests = most(wanted, status.resources.requests, status.allocatedResources)
  return { ...container, resources: { ...container.resources, requests } }
}

function most(...lists: readonly (ResourceList | undefined)[]): ResourceList {
  const largest: Record<string, string> = {}
  for (const [name, text] of lists.flatMap((list) => Object.entries(list ?? {}))) {
    const before = largest[name]
    if (before === undefined || isMore(text, before)) largest[name] = text
  }
  return largest
}

function isMore(text: string, than: string): boolean {
  const a = parseQuantity(text)
  const b = parseQuantity(than)
  return a !== undefined && (b === undefined || compareQuantity(a, b) > 0)
}

// The status has values for every pod-level resource, also for those that the spec leaves
// to the containers.
function onlyKeys(keys: ResourceList, list: ResourceList): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name]) => keys[name] !== undefined))
}
