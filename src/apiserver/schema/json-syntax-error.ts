import { isDigit, readNumber, readString, readWord, type JsonPart } from './json-parts.ts'

/**
 * What is wrong with `text`, which is no JSON, in the words of Go's encoding/json: clients know
 * them from kube-apiserver. For text that was found to be none by a quicker reader; undefined
 * where nothing is wrong.
 *
 * @see Go encoding/json/scanner.go
 */
export function jsonSyntaxError(text: string): string | undefined {
  const open: Open[] = []
  let expected: Expected = 'value'
  for (let at = skipBlanks(text, 0); ; at = skipBlanks(text, at)) {
    const char = text[at]
    if (char === undefined) {
      return expected === 'end' && open.length === 0 ? undefined : 'unexpected end of JSON input'
    }
    const read = readNext(text, at, expected, open)
    if (read.where !== undefined) return complaint(text, read.end, read.where)
    at = read.end
    expected = read.expected
  }
}

/** What is not closed yet. */
type Open = 'object' | 'list'

/** What may come next. `end`: whatever can follow a value where it stands. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | 'end'

interface Read extends JsonPart {
  readonly expected: Expected
}

function readNext(text: string, at: number, expected: Expected, open: Open[]): Read {
  const char = text.charAt(at)
  const wrong = (where: string): Read => ({ end: at, where, expected })
  switch (expected) {
    case 'value or ]':
      if (char === ']') return closed(at, open)
      return readValue(text, at, open)
    case 'value':
      return readValue(text, at, open)
    case 'key or }':
    case 'key':
      if (char === '}' && expected === 'key or }') return closed(at, open)
      if (char !== '"') return wrong('looking for beginning of object key string')
      return { ...readString(text, at), expected: ':' }
    case ':':
      return char === ':' ? { end: at + 1, expected: 'value' } : wrong('after object key')
    case 'end':
      return readAfterValue(char, at, open)
    default:
      return expected satisfies never
  }
}

function closed(at: number, open: Open[]): Read {
  open.pop()
  return { end: at + 1, expected: 'end' }
}

function readValue(text: string, at: number, open: Open[]): Read {
  const char = text.charAt(at)
  switch (char) {
    case '{':
      open.push('object')
      return { end: at + 1, expected: 'key or }' }
    case '[':
      open.push('list')
      return { end: at + 1, expected: 'value or ]' }
    case '"':
      return { ...readString(text, at), expected: 'end' }
    case 't':
      return { ...readWord(text, at, 'true'), expected: 'end' }
    case 'f':
      return { ...readWord(text, at, 'false'), expected: 'end' }
    case 'n':
      return { ...readWord(text, at, 'null'), expected: 'end' }
    default:
      if (char === '-' || isDigit(char)) return { ...readNumber(text, at), expected: 'end' }
      return { end: at, where: 'looking for beginning of value', expected: 'end' }
  }
}

function readAfterValue(char: string, at: number, open: Open[]): Read {
  const around = open.at(-1)
  const next = (expected: Expected): Read => ({ end: at + 1, expected })
  const wrong = (where: string): Read => ({ end: at, where, expected: 'end' })
  switch (around) {
    case undefined:
      return wrong('after top-level value')
    case 'object':
      if (char === ',') return next('key')
      return char === '}' ? closed(at, open) : wrong('after object key:value pair')
    case 'list':
      if (char === ',') return next('value')
      return char === ']' ? closed(at, open) : wrong('after array element')
    default:
      return around satisfies never
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (/[ \t\r\n]/.test(text.charAt(at))) at += 1
  return at
}

function complaint(text: string, at: number, where: string): string {
  return at >= text.length
    ? 'unexpected end of JSON input'
    : `invalid character ${quoted(text, at)} ${where}`
}

const named: ReadonlyMap<number, string> = new Map(
  Object.entries({ a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, "'": 39, '\\': 92 }).map(
    ([name, code]) => [code, name],
  ),
)

/** Go looks at bytes: of a character beyond ASCII it shows what its first byte alone would be. */
function quoted(text: string, at: number): string {
  const [byte = 0] = Buffer.from(String.fromCodePoint(text.codePointAt(at) ?? 0))
  const name = named.get(byte)
  if (name !== undefined) return `'\\${name}'`
  const isShown = byte >= 32 && byte !== 127
  return isShown ? `'${String.fromCharCode(byte)}'` : `'\\x${byte.toString(16).padStart(2, '0')}'`
}
