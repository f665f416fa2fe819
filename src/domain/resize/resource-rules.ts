import type { PodSpec, ResourceList, ResourceRequirements } from '../pod.ts'
import { containersTotal } from '../pod-resources.ts'
import { compareQuantity, formatQuantity, parseQuantity, type Quantity } from '../quantity.ts'
import { forbidden, invalid, required, type FieldError } from './field-error.ts'

/**
 * What is wrong with the values of `resources`: negative ones, requests above limits.
 * Malformed quantities are skipped (see `findMalformedQuantity`), names are not checked.
 *
 * @param path such as `spec.containers[0].resources`.
 * @see Kubernetes validation.go, validateResourceRequirements.
 */
export function validateResourceValues(
  resources: ResourceRequirements | undefined,
  path: string,
): readonly FieldError[] {
  const limits = quantitiesOf(resources?.limits)
  const requests = quantitiesOf(resources?.requests)
  return [
    ...limits.flatMap(([name, value]) => notNegative(value, `${path}.limits[${name}]`)),
    ...requests.flatMap(([name, value]) => [
      ...notNegative(value, `${path}.requests[${name}]`),
      ...withinLimit(name, value, limits, path),
    ]),
  ]
}

function quantitiesOf(list: ResourceList | undefined): readonly (readonly [string, Quantity])[] {
  return Object.entries(list ?? {}).flatMap(([name, text]) => {
    const quantity = parseQuantity(text)
    return quantity === undefined ? [] : [[name, quantity] as const]
  })
}

function notNegative(value: Quantity, field: string): readonly FieldError[] {
  if (value.nano >= 0n) return []
  return [invalid(field, formatQuantity(value), 'must be greater than or equal to 0')]
}

function withinLimit(
  name: string,
  request: Quantity,
  limits: readonly (readonly [string, Quantity])[],
  path: string,
): readonly FieldError[] {
  const limit = limits.find(([other]) => other === name)?.[1]
  if (limit === undefined) {
    if (mayOvercommit(name)) return []
    return [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const order = compareQuantity(request, limit)
  if (order === 0 || (order < 0 && mayOvercommit(name))) return []
  const relation = mayOvercommit(name) ? 'less than or equal to' : 'equal to'
  const detail = `must be ${relation} ${name} limit of ${formatQuantity(limit)}`
  return [invalid(`${path}.requests`, formatQuantity(request), detail)]
}

// Native resources (without a domain, or under kubernetes.io) except huge pages.
function mayOvercommit(name: string): boolean {
  const native = !name.includes('/') || name.includes('kubernetes.io/')
  return native && !name.startsWith('hugepages-')
}

/**
 * What is wrong with the pod-level resources, by themselves and against the containers.
 *
 * @see Kubernetes validation.go, validatePodResources and validatePodResourceConsistency.
 */
export function validatePodLevelResources(spec: PodSpec): readonly FieldError[] {
  if (!spec.resources) return []
  const claims = spec.resources.claims
    ? [forbidden('spec.resources.claims', 'claims may not be set for Resources at pod-level')]
    : []
  return [
    ...claims,
    ...validateResourceValues(spec.resources, 'spec.resources'),
    ...coversContainers(spec, spec.resources),
    ...boundsContainers(spec, spec.resources),
  ]
}

function coversContainers(spec: PodSpec, podLevel: ResourceRequirements): readonly FieldError[] {
  const total = containersTotal(spec, 'requests')
  return quantitiesOf(podLevel.requests).flatMap(([name, request]) => {
    const sum = total[name]
    if (sum === undefined || compareQuantity(sum, request) <= 0) return []
    const detail = `must be greater than or equal to aggregate container requests of ${formatQuantity(sum)}`
    return [invalid(`spec.resources.requests[${name}]`, formatQuantity(request), detail)]
  })
}

function boundsContainers(spec: PodSpec, podLevel: ResourceRequirements): readonly FieldError[] {
  const bounds = Object.fromEntries(quantitiesOf(podLevel.limits))
  return spec.containers.flatMap(({ resources }, index) =>
    quantitiesOf(resources?.limits).flatMap(([name, limit]) => {
      const bound = bounds[name]
      if (bound === undefined || compareQuantity(limit, bound) <= 0) return []
      // The path really hangs under spec.resources in Kubernetes.
      const field = `spec.resources.containers[${index}][${name}].limits`
      const detail = `must be less than or equal to pod limits of ${formatQuantity(bound)}`
      return [invalid(field, formatQuantity(limit), detail)]
    }),
  )
}
