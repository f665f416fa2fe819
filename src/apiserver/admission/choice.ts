import { notSupported, required, type FieldError } from '../../domain/field-error.ts'

/** An error unless `value` is one of `choices`; they are listed in the order given. */
export function checkChoice(
  field: string,
  value: string,
  choices: readonly string[],
): readonly FieldError[] {
  if (value === '') return [required(field)]
  return choices.includes(value) ? [] : [notSupported(field, value, choices)]
}
