import { isJsonObject, type JsonValue } from '../schema/json-value.ts'
import { sameJson } from '../schema/same-json.ts'

/**
 * What differs between two values, a line for each side: `- path: before`, `+ path: after`.
 * For people to read; kube-apiserver prints a diff of Go values at the same place.
 */
export function specDiff(before: JsonValue | undefined, after: JsonValue | undefined): string {
  return [...lines(before, after, 'spec')].join('\n')
}

function* lines(
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  path: string,
): Generator<string> {
  if (sameJson(before, after)) return
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* lines(before[key], after[key], `${path}.${key}`)
    }
    return
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) {
      yield* lines(item, after[index], `${path}[${index}]`)
    }
    return
  }
  if (before !== undefined) yield `- ${path}: ${JSON.stringify(before)}`
  if (after !== undefined) yield `+ ${path}: ${JSON.stringify(after)}`
}
