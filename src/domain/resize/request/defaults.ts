import type { Container, PodSpec, ResourceList, ResourceRequirements } from '../../pod.ts'
import { containersTotal } from '../../resources/pod-resources.ts'
import { formatQuantity, parseQuantity, roundUpToMilli } from '../../quantity/quantity.ts'
import { atLeast, defaultVersion, type KubeVersion } from '../../kube-version.ts'

/** A value that is no quantity, and where it stands. */
export interface MalformedQuantity {
  readonly field: string
  readonly value: unknown
}

/**
 * The first resource value of the spec that is not a quantity. An API server answers 400
 * to it, before any rule is looked at.
 */
export function findMalformedQuantity(spec: PodSpec): MalformedQuantity | undefined {
  return [
    ...malformedIn(spec.resources, 'spec.resources'),
    ...spec.containers.flatMap(({ resources }, index) =>
      malformedIn(resources, `spec.containers[${index}].resources`),
    ),
    ...(spec.initContainers ?? []).flatMap(({ resources }, index) =>
      malformedIn(resources, `spec.initContainers[${index}].resources`),
    ),
  ][0]
}

function malformedIn(
  resources: ResourceRequirements | undefined,
  path: string,
): readonly MalformedQuantity[] {
  return (['limits', 'requests'] as const).flatMap((side) =>
    Object.entries(resources?.[side] ?? {})
      .filter(([, value]) => parseQuantity(quantityText(value)) === undefined)
      .map(([name, value]) => ({ field: `${path}.${side}[${name}]`, value })),
  )
}

// A request body may hold `cpu: 2` or `cpu: null` where the type promises text; Kubernetes
// takes a number by its digits and null as 0.
function quantityText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  return value === null ? '0' : ''
}

/** Rounded up to thousandths and printed as Kubernetes prints it; malformed values stay. */
export function canonicalList(list: ResourceList): ResourceList {
  return Object.fromEntries(
    Object.entries(list).map(([name, value]) => {
      const quantity = parseQuantity(quantityText(value))
      return [name, quantity ? formatQuantity(roundUpToMilli(quantity)) : value]
    }),
  )
}

/**
 * The spec as an API server decodes it: quantities rounded up to thousandths and
 * canonical, missing requests filled in from limits, at pod level from the containers'
 * requests first. Before 1.33 missing resize policies are filled in, too. Applying it
 * twice changes nothing.
 *
 * It is right for the body of a create and of a resize alike.
 *
 * @see Kubernetes pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList and SetDefaults_Pod.
 */
export function withResourceDefaults(
  spec: PodSpec,
  version: KubeVersion = defaultVersion,
): PodSpec {
  const complete = (container: Container) => withContainerDefaults(container)
  const withPolicy = (container: Container) =>
    atLeast(version, '1.33') ? container : withPolicyDefaults(container)
  const containers = spec.containers.map((container) => withPolicy(complete(container)))
  const initContainers = spec.initContainers?.map(complete)
  const defaulted = { ...spec, containers, ...(initContainers ? { initContainers } : {}) }
  return spec.resources ? withPodLevelDefaults(defaulted, spec.resources) : defaulted
}

function withContainerDefaults(container: Container): Container {
  if (!container.resources) return container
  const { limits, requests } = canonicalResources(container.resources)
  const missing = missingFrom(requests, limits)
  return {
    ...container,
    resources: {
      ...container.resources,
      ...(limits ? { limits } : {}),
      ...(requests || missing ? { requests: { ...requests, ...missing } } : {}),
    },
  }
}

function canonicalResources({ limits, requests }: ResourceRequirements) {
  return {
    limits: limits && canonicalList(limits),
    requests: requests && canonicalList(requests),
  }
}

/** The entries of `limits` that have no request; undefined if there are none. */
function missingFrom(
  requests: ResourceList | undefined,
  limits: ResourceList | undefined,
): ResourceList | undefined {
  const missing = Object.entries(limits ?? {}).filter(([name]) => requests?.[name] === undefined)
  return missing.length === 0 ? undefined : Object.fromEntries(missing)
}

function withPolicyDefaults(container: Container): Container {
  const existing = container.resizePolicy ?? []
  const missing = ['cpu', 'memory'].filter(
    (resource) =>
      container.resources?.requests?.[resource] !== undefined &&
      !existing.some(({ resourceName }) => resourceName === resource),
  )
  if (missing.length === 0) return container
  const added = missing.map((resourceName) => ({ resourceName, restartPolicy: 'NotRequired' }))
  return { ...container, resizePolicy: [...existing, ...added] }
}

function withPodLevelDefaults(spec: PodSpec, resources: ResourceRequirements): PodSpec {
  const { limits, requests } = canonicalResources(resources)
  const missing =
    limits && Object.keys(limits).length > 0 ? podLevelMissing(spec, limits, requests) : {}
  const filled = { ...requests, ...missing }
  return {
    ...spec,
    resources: {
      ...resources,
      ...(limits ? { limits } : {}),
      ...(requests || Object.keys(missing).length > 0 ? { requests: filled } : {}),
    },
  }
}

function podLevelMissing(
  spec: PodSpec,
  limits: ResourceList,
  requests: ResourceList | undefined,
): ResourceList {
  const overcommitted = Object.fromEntries(
    Object.entries(containersTotal(spec, 'requests'))
      .filter(([name]) => name === 'cpu' || name === 'memory')
      .map(([name, quantity]) => [name, formatQuantity(quantity)]),
  )
  const known = Object.entries(limits).filter(
    ([name]) => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-'),
  )
  const candidates = { ...Object.fromEntries(known), ...overcommitted }
  return missingFrom(requests, candidates) ?? {}
}
