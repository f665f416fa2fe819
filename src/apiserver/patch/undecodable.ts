import { errorBody, invalid } from '../../domain/field-error.ts'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import { goMapText } from './go-map-text.ts'
import type { InvalidPatch } from './patch-error.ts'
import { patchTypes, type PatchType } from './patch-types.ts'

/**
 * 422: the patch applies, but what comes out is no object of its kind, or strict decoding
 * finds fault with it. As kube-apiserver does, it quotes what was being decoded: the patch if
 * it was a strategic merge patch, else the patched object.
 *
 * @param why such as `strict decoding error: unknown field "spec.foo"`.
 */
export function undecodablePatch(
  patchType: PatchType,
  patch: JsonValue,
  patched: JsonObject,
  why: string,
): InvalidPatch {
  const quoted = patchType === patchTypes.strategic ? goMapText(patch) : JSON.stringify(patched)
  const error = invalid('patch', quoted, why)
  const message = errorBody(error)
  return {
    kind: 'invalid',
    code: 422,
    // The Status names neither kind nor object: that is what Kubernetes prints.
    message: ` "" is invalid: patch: ${message}`,
    causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }],
  }
}
