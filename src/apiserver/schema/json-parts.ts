/**
 * The smallest parts of JSON text: how far each goes, and where it is wrong in the words of Go's
 * scanner.
 */

/** Where a part of the text ends. With `where` it does so at a character that does not belong there. */
export interface JsonPart {
  readonly end: number
  readonly where?: string
}

export function readString(text: string, start: number): JsonPart {
  for (let at = start + 1; ; at += 1) {
    const char = text.charAt(at)
    if (char === '"') return { end: at + 1 }
    if (char < ' ') return { end: at, where: 'in string literal' }
    if (char !== '\\') continue
    const escape = readEscape(text, at + 1)
    if (escape.where !== undefined) return escape
    at = escape.end - 1
  }
}

function readEscape(text: string, start: number): JsonPart {
  if (text.charAt(start) !== 'u') {
    return /["\\/bfnrt]/.test(text.charAt(start))
      ? { end: start + 1 }
      : { end: start, where: 'in string escape code' }
  }
  for (let at = start + 1; at <= start + 4; at += 1) {
    if (!/[0-9a-fA-F]/.test(text.charAt(at))) {
      return { end: at, where: 'in \\u hexadecimal character escape' }
    }
  }
  return { end: start + 5 }
}

export function readNumber(text: string, start: number): JsonPart {
  let at = text.charAt(start) === '-' ? start + 1 : start
  if (!isDigit(text.charAt(at))) return { end: at, where: 'in numeric literal' }
  at = text.charAt(at) === '0' ? at + 1 : skipDigits(text, at)
  if (text.charAt(at) === '.') {
    at += 1
    if (!isDigit(text.charAt(at)))
      return { end: at, where: 'after decimal point in numeric literal' }
    at = skipDigits(text, at)
  }
  if (!/[eE]/.test(text.charAt(at))) return { end: at }
  at += /[+-]/.test(text.charAt(at + 1)) ? 2 : 1
  if (!isDigit(text.charAt(at))) return { end: at, where: 'in exponent of numeric literal' }
  return { end: skipDigits(text, at) }
}

export function readWord(text: string, start: number, word: string): JsonPart {
  for (let at = 1; at < word.length; at += 1) {
    if (text[start + at] === word[at]) continue
    return { end: start + at, where: `in literal ${word} (expecting '${word[at]}')` }
  }
  return { end: start + word.length }
}

export function isDigit(char: string): boolean {
  return char >= '0' && char <= '9'
}

function skipDigits(text: string, start: number): number {
  let at = start
  while (isDigit(text.charAt(at))) at += 1
  return at
}
