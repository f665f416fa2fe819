import type { Call } from '../call.ts'

/** What to do with fields that the schema does not have and keys that come twice. */
export const fieldValidations = ['Ignore', 'Strict', 'Warn'] as const

export type FieldValidation = (typeof fieldValidations)[number]

/** What the query asks for; a write with any other word was refused before. */
export function readFieldValidation({ query }: Pick<Call, 'query'>): FieldValidation {
  const asked = query.get('fieldValidation')
  return fieldValidations.find((word) => word === asked) ?? 'Warn'
}
