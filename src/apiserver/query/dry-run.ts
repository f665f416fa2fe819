import { notSupported, type FieldError } from '../../domain/field-error.ts'
import type { Call } from '../call.ts'

/** Whether the request is to be answered as if, with nothing stored. */
export function isDryRun({ query }: Pick<Call, 'query'>): boolean {
  return isAsked(query.getAll('dryRun'))
}

/** Whether any word asks for a dry run. */
export function isAsked(words: readonly string[]): boolean {
  return words.some((word) => word !== '')
}

/** What is wrong with the words that ask for a dry run: there is only `All`. */
export function dryRunErrors(words: readonly string[]): readonly FieldError[] {
  const given = words.filter((word) => word !== '')
  return given.every((word) => word === 'All') ? [] : [notSupported('dryRun', given, ['All'])]
}
