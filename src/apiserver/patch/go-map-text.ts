import { isJsonObject, type JsonValue } from '../schema/json-value.ts'

/** A JSON value as Go prints it by `%+v`: `map[spec:map[containers:[map[name:main]]]]`. */
export function goMapText(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goMapText).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `map[${entries.map(([key, inner]) => `${key}:${goMapText(inner)}`).join(' ')}]`
}
