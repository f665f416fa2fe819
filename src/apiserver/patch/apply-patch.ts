import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import { badPatch, PatchProblem, unfitPatch, type InvalidPatch } from './patch-error.ts'
import { mediaType, patchTypes } from './patch-types.ts'
import { strategicMergePatch } from './strategic-merge-patch.ts'

export type PatchResult = { readonly kind: 'patched'; readonly object: JsonObject } | InvalidPatch

const accepted = Object.values(patchTypes)

/**
 * `current` patched by `patch`, a parsed body of the media type `contentType`. `type` tells
 * which lists merge by which key. Neither argument is changed; the result may share parts
 * with both. The result is not yet checked against the kind's schema.
 */
export function applyPatch(
  contentType: string,
  type: ObjectType,
  current: JsonObject,
  patch: unknown,
): PatchResult {
  switch (mediaType(contentType)) {
    case patchTypes.json: {
      const result = jsonPatch(current, patch)
      return result.kind === 'patched' ? patchedObject(result.value) : result
    }
    case patchTypes.merge:
      return isJsonObject(patch)
        ? patchedObject(mergePatch(current, patch))
        : badPatch('error decoding patch: Invalid JSON Patch')
    case patchTypes.strategic:
      return isJsonObject(patch)
        ? strategic(current, patch, type)
        : badPatch('invalid JSON document')
    default:
      return unsupported(contentType)
  }
}

function unsupported(contentType: string): InvalidPatch {
  return {
    kind: 'invalid',
    code: 415,
    message: `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}; got "${contentType}"`,
  }
}

function patchedObject(value: JsonValue): PatchResult {
  return isJsonObject(value)
    ? { kind: 'patched', object: value }
    : unfitPatch('the patch replaces the object by something that is not an object')
}

function strategic(current: JsonObject, patch: JsonObject, type: ObjectType): PatchResult {
  try {
    return { kind: 'patched', object: strategicMergePatch(current, patch, type) }
  } catch (error) {
    if (error instanceof PatchProblem) return error.problem
    throw error
  }
}
