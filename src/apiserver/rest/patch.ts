import { readPatchType } from '../body/patch-type.ts'
import { readBodyText } from '../body/read-body.ts'
import { checkPatched } from '../body/read-object.ts'
import type { Call } from '../call.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import { unknownInOperations } from '../patch/json-patch.ts'
import { undecodedPatch, type InvalidPatch } from '../patch/patch-error.ts'
import { patchTypes, type PatchType } from '../patch/patch-types.ts'
import { undecodablePatch } from '../patch/undecodable.ts'
import { readFieldValidation } from '../query/field-validation.ts'
import { strictErrors } from '../schema/strict-errors.ts'
import type { JsonValue } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { parseAside } from '../schema/parse-aside.ts'
import { StatusError } from '../status-error.ts'
import { changeObject, type Accept } from './change.ts'
import { checkName } from './check-name.ts'

/** PATCH of an object or of a subresource that shows the whole object. */
export async function patchObject(call: Call, accept: Accept): Promise<Response> {
  const type = readPatchType(call.request)
  const patch = await readPatch(call, type)
  const submit = (old: KubeObject): KubeObject => {
    const next = patched(call, old, type, patch)
    checkName(call, next.metadata)
    return next
  }
  return changeObject(call, submit, accept)
}

interface Patch {
  readonly value: JsonValue
  /** What strict decoding finds in the patch itself. */
  readonly strictErrors: readonly string[]
}

async function readPatch(call: Call, type: PatchType): Promise<Patch> {
  const text = await readBodyText(call.request)
  const strict = readFieldValidation(call) !== 'Ignore'
  const parsed = await parseAside(text, 'json', strict)
  if (parsed.kind === 'invalid') throw patchError(undecodedPatch(type, parsed.message))
  const { value, duplicates: duplicateFields = [] } = parsed
  if (type !== patchTypes.json) {
    return { value, strictErrors: strictErrors({ unknownFields: [], duplicateFields }) }
  }
  const unknownFields = strict ? unknownInOperations(value) : []
  const errors = strictErrors({ unknownFields, duplicateFields })
  return { value, strictErrors: errors.map((error) => `json patch ${error}`) }
}

function patched(call: Call, old: KubeObject, type: PatchType, patch: Patch): KubeObject {
  const { kind } = call.target
  const result = applyPatch(type, objectType(kind.type), asJson(old), patch.value)
  switch (result.kind) {
    case 'patched':
      return checkPatched(call, old, result.object, patch.strictErrors, (fault) => {
        const why = type === patchTypes.strategic ? fault.patchMessage : fault.jsonMessage
        return patchError(undecodablePatch(type, patch.value, result.object, why))
      })
    case 'invalid':
      throw patchError(result)
    default:
      return result satisfies never
  }
}

const reasons: Readonly<Record<InvalidPatch['code'], string>> = {
  400: 'BadRequest',
  413: 'RequestEntityTooLarge',
  422: 'Invalid',
}

function patchError({ code, message, causes }: InvalidPatch): StatusError {
  return new StatusError(code, reasons[code], message, causes && { causes })
}
