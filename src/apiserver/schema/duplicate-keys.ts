/** Where the string that opens at `start` closes. The text is known to be valid JSON. */
function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); ; at = text.indexOf('"', at + 1)) {
    if (at === -1) return text.length
    let backslashes = 0
    while (text[at - 1 - backslashes] === '\\') backslashes += 1
    if (backslashes % 2 === 0) return at
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start
  while (text.charCodeAt(at) <= 32) at += 1
  return at
}

/**
 * How many object keys valid JSON text holds, counting repeated ones each time. Cheaper than
 * looking for duplicates: where the parsed value has as many, there are none.
 */
export function countKeysInText(text: string): number {
  let keys = 0
  let open = text.indexOf('"')
  while (open !== -1) {
    const close = closingQuote(text, open)
    if (text[skipBlanks(text, close + 1)] === ':') keys += 1
    open = text.indexOf('"', close + 1)
  }
  return keys
}

interface OpenObject {
  readonly kind: 'object'
  readonly path: string
  readonly seen: Set<string>
  key: string
}

interface OpenList {
  readonly kind: 'list'
  readonly path: string
  index: number
}

function innerPath(open: OpenObject | OpenList | undefined): string {
  if (open === undefined) return ''
  if (open.kind === 'list') return `${open.path}[${open.index}]`
  return open.path === '' ? open.key : `${open.path}.${open.key}`
}

/** More are not told, in Kubernetes either: their paths together can be far longer than the text. */
export const mostDuplicates = 100

/**
 * The paths, as `spec.containers[0].image`, of keys that valid JSON text repeats within an
 * object; each path once, the first `mostDuplicates` of them.
 */
export function findDuplicateKeys(text: string): readonly string[] {
  const duplicates = new Set<string>()
  const stack: (OpenObject | OpenList)[] = []
  for (let at = 0; at < text.length; at += 1) {
    const top = stack.at(-1)
    switch (text.charAt(at)) {
      case '{':
        stack.push({ kind: 'object', path: innerPath(top), seen: new Set(), key: '' })
        break
      case '[':
        stack.push({ kind: 'list', path: innerPath(top), index: 0 })
        break
      case '}':
      case ']':
        stack.pop()
        break
      case ',':
        if (top?.kind === 'list') top.index += 1
        break
      case '"': {
        const close = closingQuote(text, at)
        const isKey = text[skipBlanks(text, close + 1)] === ':'
        if (isKey && top?.kind === 'object') {
          top.key = JSON.parse(text.slice(at, close + 1)) as string
          if (top.seen.has(top.key)) duplicates.add(innerPath(top))
          if (duplicates.size === mostDuplicates) return [...duplicates]
          top.seen.add(top.key)
        }
        at = close
        break
      }
      default:
    }
  }
  return [...duplicates]
}
