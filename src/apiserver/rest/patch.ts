import { asJson, type KubeObject } from '../kube-object.ts'
import { applyPatch } from '../patch/apply-patch.ts'
import type { InvalidPatch } from '../patch/patch-error.ts'
import { mediaType, patchTypes } from '../patch/patch-types.ts'
import { undecodablePatch } from '../patch/undecodable.ts'
import { strictErrors } from '../schema/decode.ts'
import type { JsonValue } from '../schema/json-value.ts'
import { parseAside } from '../schema/parse-aside.ts'
import { objectType } from '../schema/object-type.ts'
import { badRequest, StatusError } from '../status-error.ts'
import { readBodyText } from './body.ts'
import type { Call } from './call.ts'
import { changeObject, type Accept } from './change.ts'
import { checkName } from './check-name.ts'
import { checkPatched, readFieldValidation, reportStrictErrors } from './decode.ts'

/** PATCH of an object or of a subresource that shows the whole object. */
export async function patchObject(call: Call, accept: Accept): Promise<Response> {
  const contentType = call.request.headers.get('content-type') ?? ''
  const patch = await readPatch(call, contentType)
  const submit = (old: KubeObject): KubeObject => {
    const next = patched(call, old, contentType, patch)
    checkName(call, next.metadata)
    return next
  }
  return changeObject(call, submit, accept)
}

async function readPatch(call: Call, contentType: string): Promise<unknown> {
  const text = await readBodyText(call.request)
  const format = contentType.includes('yaml') ? 'yaml' : 'json'
  const parsed = await parseAside(text, format, readFieldValidation(call) !== 'Ignore')
  if (parsed.kind === 'invalid') throw badRequest(`error decoding patch: ${parsed.message}`)
  reportStrictErrors(call, strictErrors({ unknownFields: [], duplicateFields: parsed.duplicates }))
  return parsed.value
}

function patched(call: Call, old: KubeObject, contentType: string, patch: unknown): KubeObject {
  const { kind } = call.target
  const result = applyPatch(contentType, objectType(kind.type), asJson(old), patch)
  switch (result.kind) {
    case 'patched':
      return checkPatched(call, result.object, ({ patchMessage, jsonMessage }) => {
        const strategic = mediaType(contentType) === patchTypes.strategic
        const why = strategic ? patchMessage : jsonMessage
        return patchError(undecodablePatch(contentType, patch as JsonValue, result.object, why))
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
  415: 'UnsupportedMediaType',
  422: 'Invalid',
}

function patchError({ code, message, causes }: InvalidPatch): StatusError {
  return new StatusError(code, reasons[code], message, causes === undefined ? {} : { causes })
}
