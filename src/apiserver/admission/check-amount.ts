import {
  compareQuantity,
  formatQuantity,
  milliValue,
  parseQuantity,
} from '../../domain/quantity/quantity.ts'
import { invalid, type FieldError } from '../../domain/field-error.ts'
import { isExtended } from '../../domain/resize/validation/resource-names.ts'
import { isCountedInQuotas } from './quota/quota-resources.ts'

/**
 * What is wrong with how much there is of a resource: less than nothing, or a part of what can
 * only be counted. Malformed quantities are skipped.
 *
 * @see Kubernetes validation.go, ValidateResourceQuantityValue
 */
export function checkAmount(name: string, amount: unknown, field: string): readonly FieldError[] {
  const quantity = typeof amount === 'string' ? parseQuantity(amount) : undefined
  const zero = parseQuantity('0')
  if (quantity === undefined || zero === undefined) return []
  const whole = isCountedInQuotas(name) || (isExtended(name) && !name.startsWith('requests.'))
  return [
    ...(compareQuantity(quantity, zero) < 0
      ? [invalid(field, formatQuantity(quantity), 'must be greater than or equal to 0')]
      : []),
    ...(whole && milliValue(quantity) % 1000 !== 0
      ? [invalid(field, formatQuantity(quantity), 'must be an integer')]
      : []),
  ]
}
