import {
  forbidden,
  invalid as invalidField,
  notSupported,
  type FieldError,
} from '../../domain/field-error.ts'
import { readPatchType } from '../body/patch-type.ts'
import type { Call } from '../call.ts'
import type { Verb } from '../kind/kind.ts'
import { dryRunErrors } from '../query/dry-run.ts'
import { fieldValidations } from '../query/field-validation.ts'
import { invalid } from '../status-error.ts'

const kinds: Partial<Readonly<Record<Verb, string>>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
  delete: 'DeleteOptions',
  deletecollection: 'DeleteOptions',
}

const longestManager = 128

/**
 * Refuses a write for its query, before anything is read or looked up.
 *
 * @throws StatusError 422, and 415 for a patch of no known type.
 * @see Kubernetes apimachinery/pkg/apis/meta/v1/validation
 */
export function checkWriteOptions(verb: Verb, { request, query }: Call): void {
  const kind = kinds[verb]
  if (kind === undefined) return
  // What it does not know as a patch may well have options that it does not know either.
  if (verb === 'patch') readPatchType(request)
  if (query.size === 0) return
  const errors = [
    ...(verb === 'patch' && query.has('force')
      ? [forbidden('force', 'may not be specified for non-apply patch')]
      : []),
    ...(kind === 'DeleteOptions' ? [] : managerErrors(query.get('fieldManager') ?? '')),
    ...dryRunErrors(query.getAll('dryRun')),
    ...(kind === 'DeleteOptions' ? [] : validationErrors(query.get('fieldValidation') ?? '')),
  ]
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors)
}

function managerErrors(manager: string): readonly FieldError[] {
  const field = 'fieldManager'
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > longestManager) {
    const detail = `may not be more than ${longestManager} bytes`
    errors.push({ field, kind: 'tooLong', detail })
  }
  const at = manager.search(/[\p{C}\p{Zl}\p{Zp}]/u)
  if (at !== -1) {
    const code = (manager.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    errors.push(invalidField(field, manager, `invalid character U+${code} (at position ${at})`))
  }
  return errors
}

function validationErrors(word: string): readonly FieldError[] {
  if (word === '' || fieldValidations.some((known) => known === word)) return []
  return [notSupported('fieldValidation', word, ['', ...fieldValidations])]
}
