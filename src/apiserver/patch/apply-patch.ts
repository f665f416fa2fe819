import { unfitValue } from '../schema/decode-problem.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { jsonPatch } from './json-patch.ts'
import { mergePatch } from './merge-patch.ts'
import {
  badPatch,
  PatchProblem,
  undecodedPatch,
  unfitPatch,
  type InvalidPatch,
} from './patch-error.ts'
import { patchTypes, type PatchType } from './patch-types.ts'
import { strategicMergePatch } from './strategic-merge-patch.ts'

export type PatchResult = { readonly kind: 'patched'; readonly object: JsonObject } | InvalidPatch

/**
 * `current` patched by `patch`, a parsed body of the media type `patchType`. `type` tells
 * which lists merge by which key. Neither argument is changed; the result may share parts
 * with both. The result is not yet checked against the kind's schema.
 */
export function applyPatch(
  patchType: PatchType,
  type: ObjectType,
  current: JsonObject,
  patch: JsonValue,
): PatchResult {
  switch (patchType) {
    case patchTypes.json: {
      // To Go null is an empty list, and an empty object.
      const operations = patch ?? []
      if (!Array.isArray(operations)) {
        return unfitDocument(patchType, operations, '[]handlers.jsonPatchOp')
      }
      const result = jsonPatch(current, operations)
      return result.kind === 'patched' ? patchedObject(result.value) : result
    }
    case patchTypes.merge:
    case patchTypes.strategic:
      if (patch === null) {
        return patchType === patchTypes.merge
          ? badPatch('Invalid JSON Patch')
          : { kind: 'patched', object: current }
      }
      if (!isJsonObject(patch)) return unfitDocument(patchType, patch, 'map[string]interface {}')
      return patchType === patchTypes.merge
        ? patchedObject(mergePatch(current, patch))
        : strategic(current, patch, type)
    default:
      return patchType satisfies never
  }
}

function unfitDocument(patchType: PatchType, patch: JsonValue, goType: string): InvalidPatch {
  return undecodedPatch(patchType, unfitValue(patch, goType))
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
