import { forbidden, type FieldError } from '../../domain/field-error.ts'
import { sameJson } from '../schema/same-json.ts'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import { checkName, configKey } from './name-rules.ts'

const sizeLimit = 1024 * 1024

/** The keys of a config map's or secret's `data`: names of files. */
export function checkDataKeys(data: JsonObject, field: string): readonly FieldError[] {
  return Object.keys(data).flatMap((key) => checkName(`${field}[${key}]`, key, configKey))
}

/** An error where all values together have more than 1 MiB. */
export function checkDataSize(bytes: number, field: string): readonly FieldError[] {
  if (bytes <= sizeLimit) return []
  return [{ field, kind: 'tooLong', detail: `may not be more than ${sizeLimit} bytes` }]
}

/** How many bytes the values have, which are written in `encoding`. */
export function dataSize(data: JsonObject, encoding: 'utf8' | 'base64'): number {
  return Object.values(data)
    .filter((value) => typeof value === 'string')
    .reduce((sum, value) => sum + Buffer.byteLength(value, encoding), 0)
}

/** What may not change any more once `immutable` is true: itself and `fields`. */
export function checkImmutable(
  old: JsonObject,
  next: JsonObject,
  fields: readonly string[],
): readonly FieldError[] {
  if (old['immutable'] !== true) return []
  const changed = fields.filter((name) => !sameJson(filled(old[name]), filled(next[name])))
  return [...(next['immutable'] === true ? [] : ['immutable']), ...changed].map((name) =>
    forbidden(name, 'field is immutable when `immutable` is set'),
  )
}

function filled(value: JsonValue | undefined): JsonValue {
  return value ?? {}
}
