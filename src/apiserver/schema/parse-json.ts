import { jsonSyntaxError } from './json-syntax-error.ts'
import type { JsonValue } from './json-value.ts'

/** Deeper bodies are refused: no Kubernetes object comes near, and all code here recurses. */
const maxDepth = 500

export type ParsedJson =
  | { readonly kind: 'parsed'; readonly value: JsonValue; readonly keys: number }
  | { readonly kind: 'invalid'; readonly message: string }

/**
 * The value that `text` holds, and how many object keys it has. Errors are values, in the words
 * of kube-apiserver's decoder; a value nested deeper than 500 levels is one.
 */
export function parseJson(text: string): ParsedJson {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch (error) {
    return { kind: 'invalid', message: jsonSyntaxError(text) ?? String(error) }
  }
  const keys = countKeys(value)
  return keys === undefined
    ? { kind: 'invalid', message: 'exceeded max depth' }
    : { kind: 'parsed', value, keys }
}

/** Level by level, so that no depth can exhaust the stack. Undefined if too deep. */
export function countKeys(value: JsonValue): number | undefined {
  let keys = 0
  let level: readonly JsonValue[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return undefined
    const next: JsonValue[] = []
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue
      const inner = Array.isArray(item) ? item : Object.values(item)
      if (!Array.isArray(item)) keys += inner.length
      for (const one of inner) if (typeof one === 'object' && one !== null) next.push(one)
    }
    level = next
  }
  return keys
}
