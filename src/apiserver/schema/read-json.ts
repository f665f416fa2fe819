import { isJsonObject, type JsonObject, type JsonValue } from './json-value.ts'

/** The text at `key`; '' where there is none. */
export function textAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

/** The number at `key`; 0 where there is none. */
export function numberAt(object: JsonObject, key: string): number {
  const value = object[key]
  return typeof value === 'number' ? value : 0
}

export function objectAt(object: JsonObject, key: string): JsonObject | undefined {
  const value: JsonValue | undefined = object[key]
  return isJsonObject(value) ? value : undefined
}

/** The list of objects at `key`; empty where there is none. */
export function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = object[key]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}

export function textsAt(object: JsonObject, key: string): readonly string[] {
  const value = object[key]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** Whether there is a value other than null at `key`. */
export function hasValue(object: JsonObject, key: string): boolean {
  return object[key] !== undefined && object[key] !== null
}
