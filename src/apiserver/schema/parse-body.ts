import { countKeysInText, findDuplicateKeys } from './duplicate-keys.ts'
import type { JsonValue } from './json-value.ts'
import { parseJson } from './parse-json.ts'
import { parseYaml } from './parse-yaml.ts'

export type BodyFormat = 'json' | 'yaml'

export type ParsedBody =
  | {
      readonly kind: 'parsed'
      readonly value: JsonValue
      /** Paths of repeated keys in JSON. */
      readonly duplicates?: readonly string[]
      /** What there is to say of repeated keys in YAML. */
      readonly repeated?: readonly string[]
    }
  /** `format`: as what it could not be read. YAML is made JSON before anything else is looked at. */
  | { readonly kind: 'invalid'; readonly message: string; readonly format: BodyFormat }

/**
 * A body of no particular kind, such as a patch, with the paths of its repeated keys.
 *
 * @param findDuplicates false saves the search for them (fieldValidation=Ignore).
 */
export function parseBody(body: string, format: BodyFormat, findDuplicates = true): ParsedBody {
  if (format === 'yaml') return parseYaml(body)
  const parsed = parseJson(body)
  if (parsed.kind === 'invalid') return { ...parsed, format }
  const repeats = findDuplicates && countKeysInText(body) !== parsed.keys
  return { kind: 'parsed', value: parsed.value, duplicates: repeats ? findDuplicateKeys(body) : [] }
}
