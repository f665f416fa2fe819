import {
  duplicate,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { validateSelector } from './validate-affinity.ts'

const actions = ['DoNotSchedule', 'ScheduleAnyway']
const policies = ['Honor', 'Ignore']
const notPositive = 'must be greater than zero'

/** @see Kubernetes pkg/apis/core/validation/validation.go, validateTopologySpreadConstraints */
export function validateSpread(spec: JsonObject): readonly FieldError[] {
  const constraints = objectsAt(spec, 'topologySpreadConstraints')
  return constraints.flatMap((constraint, index) => {
    const path = `spec.topologySpreadConstraints[${index}]`
    const repeated = constraints
      .slice(index + 1)
      .some((other) => pairOf(other) === pairOf(constraint))
    return [
      ...validateOne(constraint, path),
      ...(repeated
        ? [duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pairOf(constraint))]
        : []),
      ...validateDomains(constraint, `${path}.minDomains`),
      ...['nodeAffinityPolicy', 'nodeTaintsPolicy'].flatMap((field) =>
        hasValue(constraint, field)
          ? checkChoice(`${path}.${field}`, textAt(constraint, field), policies)
          : [],
      ),
      ...validateSelector(objectAt(constraint, 'labelSelector'), `${path}.labelSelector`),
    ]
  })
}

function pairOf(constraint: JsonObject): string {
  return `{${textAt(constraint, 'topologyKey')}, ${textAt(constraint, 'whenUnsatisfiable')}}`
}

function validateOne(constraint: JsonObject, path: string): readonly FieldError[] {
  const skew = numberAt(constraint, 'maxSkew')
  const action = textAt(constraint, 'whenUnsatisfiable')
  return [
    ...(skew > 0 ? [] : [invalid(`${path}.maxSkew`, skew, notPositive)]),
    ...(textAt(constraint, 'topologyKey') === ''
      ? [required(`${path}.topologyKey`, 'can not be empty')]
      : []),
    ...(actions.includes(action)
      ? []
      : [notSupported(`${path}.whenUnsatisfiable`, action, actions)]),
  ]
}

function validateDomains(constraint: JsonObject, field: string): readonly FieldError[] {
  if (!hasValue(constraint, 'minDomains')) return []
  const least = numberAt(constraint, 'minDomains')
  const action = textAt(constraint, 'whenUnsatisfiable')
  const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
  return [
    ...(least > 0 ? [] : [invalid(field, least, notPositive)]),
    ...(action === 'DoNotSchedule' ? [] : [invalid(field, least, why)]),
  ]
}
