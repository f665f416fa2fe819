import { invalid, type FieldError } from '../../domain/field-error.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { isLabelValue, labelValueProblems } from '../../domain/labels/label-syntax.ts'
import { checkName, qualifiedName } from './name-rules.ts'

/** Labels, or what selects by them: their keys and values. All errors are at `field` itself. */
export function validateLabels(labels: JsonObject, field: string): readonly FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...checkName(field, key, qualifiedName),
    ...(typeof value === 'string' ? checkLabelValue(value, field) : []),
  ])
}

export function checkLabelValue(value: string, field: string): readonly FieldError[] {
  return isLabelValue(value) ? [] : [invalid(field, value, labelValueProblems(value))]
}
