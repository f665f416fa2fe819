import { type Allocation, allocationOf } from '../../resources/allocation.ts'
import {
  allContainers,
  type Container,
  type ContainerStatus,
  type Pod,
  type ResourceList,
  type ResourceRequirements,
} from '../../pod.ts'
import { qosClassOf } from '../../resources/qos.ts'
import { compareQuantity, parseQuantity } from '../../quantity/quantity.ts'
import { conditionOf, pendingType } from '../conditions.ts'
import { sameList } from '../same-resources.ts'

/**
 * What a node whose own record is lost had promised to a pod that runs there, from what it
 * last said of the pod.
 *
 * A pod with nothing pending was promised what its spec asks for. Of any other the status
 * shows the requests that were promised, and beside them the limits that it has.
 */
export function recoveredAllocation(pod: Pod): Allocation {
  const { spec, status } = pod
  if (isPromisedWhole(pod)) return allocationOf(spec)
  const guaranteed = (status?.qosClass ?? qosClassOf(spec)) === 'Guaranteed'
  const of = (containers: readonly Container[]) =>
    Object.fromEntries(
      containers.map((one) => [one.name, promised(one, statusOf(pod, one), guaranteed)]),
    )
  return {
    containers: of(spec.containers),
    initContainers: of(spec.initContainers ?? []),
    ...(spec.resources && { pod: promisedToPod(pod, spec.resources) }),
  }
}

function isPromisedWhole(pod: Pod): boolean {
  const { metadata, spec, status } = pod
  if (conditionOf(status?.conditions, pendingType) !== undefined) return false
  if (status?.resize === 'Deferred' || status?.resize === 'Infeasible') return false
  if ((status?.observedGeneration ?? metadata.generation) !== metadata.generation) return false
  return allContainers(spec).every((container) => {
    const requests = requestsOf(statusOf(pod, container))
    return requests === undefined || sameList(requests, container.resources?.requests)
  })
}

function statusOf({ status }: Pod, { name }: Container): ContainerStatus | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return all.find((one) => one.name === name)
}

/** Kubernetes 1.32 does not tell what was promised, but what there is. */
function requestsOf(status: ContainerStatus | undefined): ResourceList | undefined {
  return status?.allocatedResources ?? status?.resources?.requests
}

function promised(
  { resources: desired = {} }: Container,
  status: ContainerStatus | undefined,
  guaranteed: boolean,
): ResourceRequirements {
  const requests = requestsOf(status)
  if (status?.resources === undefined || requests === undefined) return desired
  const { requests: _requests, limits, ...rest } = status.resources
  return {
    ...rest,
    requests,
    ...(limits && { limits: notBelow(limits, requests, guaranteed) }),
  }
}

/** The limits that go with the requests: an update may have been under way. */
function notBelow(limits: ResourceList, requests: ResourceList, equal: boolean): ResourceList {
  return Object.fromEntries(
    Object.entries(limits).map(([name, limit]) => {
      const request = requests[name]
      return [name, request !== undefined && (equal || isLess(limit, request)) ? request : limit]
    }),
  )
}

function isLess(one: string, other: string): boolean {
  const [first, second] = [parseQuantity(one), parseQuantity(other)]
  return first !== undefined && second !== undefined && compareQuantity(first, second) < 0
}

/** With an overhead the status does not say what of it is the pod's own. */
function promisedToPod(
  { spec: { overhead }, status }: Pod,
  desired: ResourceRequirements,
): ResourceRequirements {
  if (overhead !== undefined) return desired
  return {
    ...desired,
    ...(desired.requests && { requests: shown(desired.requests, status?.allocatedResources) }),
    ...(desired.limits && { limits: shown(desired.limits, status?.resources?.limits) }),
  }
}

function shown(desired: ResourceList, known: ResourceList = {}): ResourceList {
  return Object.fromEntries(
    Object.entries(desired).map(([name, amount]) => [name, known[name] ?? amount]),
  )
}
