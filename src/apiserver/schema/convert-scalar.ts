import { asInt64 } from '../../domain/int64.ts'
import { DecodeProblem, wrongType, wrongValue, type FieldNames } from './decode-problem.ts'
import type { JsonValue } from './json-value.ts'
import type { FieldType } from './object-type.ts'
import {
  formatBytes,
  formatMicroTime,
  formatQuantityText,
  formatTime,
  type FormattedScalar,
} from './scalar-format.ts'

/**
 * A scalar as the API server keeps it: quantities and times in canonical form, all others as
 * they were given.
 *
 * @param owner the type that has the field. @param fields where the field is
 * @throws DecodeProblem if `value` is not of the type.
 */
export function convertScalar(
  value: JsonValue,
  type: FieldType & { readonly kind: 'scalar' },
  owner: string,
  fields: FieldNames,
): JsonValue {
  switch (type.name) {
    case 'any':
      return value
    case 'string':
      if (typeof value === 'string') return value
      break
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    case 'double':
      if (typeof value === 'number') return value
      break
    case 'int32':
      if (isInt32(value)) return value
      break
    case 'int64': {
      const whole = typeof value === 'number' ? asInt64(value) : undefined
      if (whole !== undefined) return whole
      break
    }
    case 'bytes':
      if (typeof value === 'string') return formatted(formatBytes(value))
      break
    // These three are read by decoders of their own, which do not tell the field.
    case 'intOrString':
      if (typeof value === 'string' || isInt32(value)) return value
      throw wrongValue(value, 'int32')
    case 'time':
      if (typeof value === 'string') return formatted(formatTime(value))
      throw wrongValue(value, 'string')
    case 'microTime':
      if (typeof value === 'string') return formatted(formatMicroTime(value))
      throw wrongValue(value, 'string')
    case 'quantity':
      return convertQuantity(value, false)
    default:
      return type.name satisfies never
  }
  throw wrongType(value, type, owner, fields)
}

/**
 * A quantity in canonical form. A number stands for its digits, null for 0.
 *
 * @param inList of a ResourceList, see `formatQuantityText`.
 * @throws DecodeProblem if `value` is no quantity.
 */
export function convertQuantity(value: JsonValue, inList: boolean): string {
  if (value === null) return '0'
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  return formatted(formatQuantityText(text, inList))
}

function isInt32(value: JsonValue): boolean {
  return typeof value === 'number' && (value | 0) === value
}

function formatted(scalar: FormattedScalar): string {
  if (scalar.kind === 'invalid') throw new DecodeProblem(scalar.message)
  return scalar.text
}
