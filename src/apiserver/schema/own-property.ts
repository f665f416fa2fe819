import type { JsonObject, JsonValue } from './json-value.ts'

/** The value at `key` of `object` itself, never one inherited. */
export function getOwn(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

/**
 * Sets `object[key]`, also where a client chose the key `__proto__`, which a plain
 * assignment would take for the prototype.
 */
export function setOwn(object: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__') {
    const writable = { enumerable: true, configurable: true, writable: true }
    Object.defineProperty(object, key, { value, ...writable })
    return
  }
  object[key] = value
}
