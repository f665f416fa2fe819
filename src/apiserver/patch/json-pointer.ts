import { isJsonObject, type JsonValue } from '../schema/json-value.ts'
import { getOwn } from '../schema/own-property.ts'

/** The keys and indexes that a JSON pointer goes through, unescaped; none for the whole document. */
function tokensOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Whether a list has an item of that name: digits, without a zero before them. */
function isIndex(token: string): boolean {
  return /^(0|[1-9]\d*)$/.test(token)
}

/**
 * What `pointer` names in `document`; undefined where there is nothing.
 *
 * @see RFC 6901
 */
export function valueAt(document: JsonValue, pointer: string): JsonValue | undefined {
  let at: JsonValue | undefined = document
  for (const token of tokensOf(pointer)) {
    if (Array.isArray(at)) at = isIndex(token) ? at[Number(token)] : undefined
    else at = isJsonObject(at) ? getOwn(at, token) : undefined
  }
  return at
}

/** How long the list is in which `pointer` names an item; 0 where it names none. */
export function lengthAround(document: JsonValue, pointer: string): number {
  const list = valueAt(document, pointer.slice(0, pointer.lastIndexOf('/')))
  return Array.isArray(list) ? list.length : 0
}

/**
 * Whether `pointer` goes through a scalar or outside a list of `document`.
 *
 * @param mayAppend its last part may name the place behind a list's last item.
 */
export function leavesDocument(document: JsonValue, pointer: string, mayAppend: boolean): boolean {
  const tokens = tokensOf(pointer)
  let at: JsonValue | undefined = document
  for (const [position, token] of tokens.entries()) {
    if (Array.isArray(at)) {
      const last = position === tokens.length - 1
      if (last && mayAppend && token === '-') return false
      if (!isIndex(token)) return true
      const index = Number(token)
      if (index > at.length || (index === at.length && !(last && mayAppend))) return true
      at = at[index]
    } else {
      if (!isJsonObject(at)) return true
      at = getOwn(at, token)
    }
  }
  return false
}
