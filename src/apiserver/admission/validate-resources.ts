import { formatQuantity, milliValue, parseQuantity } from '../../domain/quantity.ts'
import { forbidden, invalid, type FieldError } from '../../domain/resize/field-error.ts'
import { validateResourceValues } from '../../domain/resize/resource-rules.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { checkName, qualifiedName } from './name-rules.ts'
import { objectAt, textAt } from './read-json.ts'

const sides = ['limits', 'requests'] as const

/** The resources of one container: names, values, and requests against limits. */
export function validateContainerResources(
  resources: JsonObject,
  path: string,
): readonly FieldError[] {
  const names = sides.flatMap((side) =>
    Object.keys(objectAt(resources, side) ?? {}).flatMap((name) => {
      const field = `${path}.${side}[${name}]`
      return [
        ...checkResourceName(name, field),
        ...checkWhole(name, textAt(objectAt(resources, side) ?? {}, name), field),
      ]
    }),
  )
  return [...names, ...validateResourceValues(resources, path), ...checkHugePages(resources, path)]
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-')
}

function isStandard(name: string): boolean {
  return ['cpu', 'memory', 'ephemeral-storage'].includes(name) || isHugePages(name)
}

/** A name without a domain must be one of Kubernetes' own. */
export function checkResourceName(name: string, field: string): readonly FieldError[] {
  const problems = checkName(field, name, qualifiedName)
  if (problems.length > 0 || isStandard(name)) return problems
  if (!name.includes('/')) {
    return [
      invalid(field, name, 'must be a standard resource type or fully qualified'),
      invalid(field, name, 'must be a standard resource for containers'),
    ]
  }
  const isExtended = !name.includes('kubernetes.io/') && !name.startsWith('requests.')
  return isExtended || name.includes('kubernetes.io/')
    ? []
    : [invalid(field, name, "doesn't follow extended resource name standard")]
}

/** Devices are counted, not divided. */
function checkWhole(name: string, value: string, field: string): readonly FieldError[] {
  const quantity = parseQuantity(value)
  if (!name.includes('/') || quantity === undefined || milliValue(quantity) % 1000 === 0) return []
  return [invalid(field, formatQuantity(quantity), 'must be an integer')]
}

function checkHugePages(resources: JsonObject, path: string): readonly FieldError[] {
  const names = sides.flatMap((side) => Object.keys(objectAt(resources, side) ?? {}))
  if (!names.some(isHugePages) || names.includes('cpu') || names.includes('memory')) return []
  return [forbidden(path, 'HugePages require cpu or memory')]
}
