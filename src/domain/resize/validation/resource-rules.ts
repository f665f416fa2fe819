import type { ResourceList, ResourceRequirements } from '../../pod.ts'
import {
  compareQuantity,
  formatQuantity,
  milliValue,
  parseQuantity,
  type Quantity,
} from '../../quantity/quantity.ts'
import { forbidden, invalid, required, type FieldError } from '../../field-error.ts'
import { checkContainerResource, isExtended, isHugePages } from './resource-names.ts'

/** How the name of a resource is checked where it stands. */
export type CheckName = (name: string, field: string) => readonly FieldError[]

/**
 * What is wrong with the resources of one container: names, values, requests against limits.
 * Malformed quantities are skipped (see `findMalformedQuantity`).
 *
 * @param path such as `spec.containers[0].resources`.
 * @see Kubernetes validation.go, validateContainerResourceRequirements.
 */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  path: string,
): readonly FieldError[] {
  return [
    ...validateResourceValues(resources, path, checkContainerResource),
    ...checkHugePages(resources, path),
  ]
}

function checkHugePages(
  resources: ResourceRequirements | undefined,
  path: string,
): readonly FieldError[] {
  const names = Object.keys({ ...resources?.limits, ...resources?.requests })
  if (!names.some(isHugePages) || names.includes('cpu') || names.includes('memory')) return []
  return [forbidden(path, 'HugePages require cpu or memory')]
}

/**
 * What is wrong with the names and values of `resources`: negative ones, parts of devices,
 * requests above limits.
 *
 * @see Kubernetes validation.go, validateResourceRequirements.
 */
export function validateResourceValues(
  resources: ResourceRequirements | undefined,
  path: string,
  checkName: CheckName,
): readonly FieldError[] {
  const limits = quantitiesOf(resources?.limits)
  const requests = quantitiesOf(resources?.requests)
  const limitOf = new Map(limits)
  const checkOne = (name: string, value: Quantity, field: string) => [
    ...checkName(name, field),
    ...notNegative(value, field),
    ...whole(name, value, field),
  ]
  return [
    ...limits.flatMap(([name, value]) => checkOne(name, value, `${path}.limits[${name}]`)),
    ...requests.flatMap(([name, value]) => [
      ...checkOne(name, value, `${path}.requests[${name}]`),
      ...withinLimit(name, value, limitOf.get(name), path),
    ]),
  ]
}

/** The values that are quantities, by name. */
export function quantitiesOf(
  list: ResourceList | undefined,
): readonly (readonly [string, Quantity])[] {
  return Object.entries(list ?? {}).flatMap(([name, text]) => {
    const quantity = parseQuantity(text)
    return quantity === undefined ? [] : [[name, quantity] as const]
  })
}

function notNegative(value: Quantity, field: string): readonly FieldError[] {
  if (value.nano >= 0n) return []
  return [invalid(field, formatQuantity(value), 'must be greater than or equal to 0')]
}

/** Devices are counted, not divided. */
function whole(name: string, value: Quantity, field: string): readonly FieldError[] {
  if (!isExtended(name) || milliValue(value) % 1000 === 0) return []
  return [invalid(field, formatQuantity(value), 'must be an integer')]
}

function withinLimit(
  name: string,
  request: Quantity,
  limit: Quantity | undefined,
  path: string,
): readonly FieldError[] {
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

function mayOvercommit(name: string): boolean {
  return !isExtended(name) && !isHugePages(name)
}
