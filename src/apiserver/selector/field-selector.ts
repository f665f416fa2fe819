export interface FieldRequirement {
  readonly field: string
  readonly value: string
  readonly negated: boolean
}

/** All must hold; none means that everything matches. */
export type FieldSelector = readonly FieldRequirement[]

export type ParsedFieldSelector =
  | { readonly kind: 'selector'; readonly selector: FieldSelector }
  | { readonly kind: 'invalid'; readonly message: string }

function invalid(message: string): ParsedFieldSelector {
  return { kind: 'invalid', message }
}

/**
 * Reads a field selector: terms `field=value`, `field==value` or `field!=value`, joined by
 * commas; a backslash escapes `,`, `=` and itself. Fields outside `supported` are refused with
 * the text that `refuse` makes.
 */
export function parseFieldSelector(
  text: string,
  supported: ReadonlySet<string>,
  refuse: (field: string) => string = (field) => `field label not supported: ${field}`,
): ParsedFieldSelector {
  const selector: FieldRequirement[] = []
  for (const term of splitUnescaped(text)) {
    if (term === '') continue
    const parts = /^((?:\\.|[^\\=!]|!(?!=))*)(!=|==|=)(.*)$/s.exec(term)
    if (!parts) {
      return invalid(`invalid selector: '${text}'; can't understand '${term}'`)
    }
    const [, field = '', operator, escaped = ''] = parts
    const value = unescape(escaped)
    if (value.kind === 'invalid') return value
    if (!supported.has(field)) return invalid(refuse(field))
    selector.push({ field, value: value.text, negated: operator === '!=' })
  }
  return { kind: 'selector', selector }
}

/** The terms between commas that no backslash escapes; escapes stay. */
function splitUnescaped(text: string): readonly string[] {
  const terms: string[] = []
  let start = 0
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') {
      index += 1
    } else if (text[index] === ',') {
      terms.push(text.slice(start, index))
      start = index + 1
    }
  }
  return [...terms, text.slice(start)]
}

type Unescaped =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'invalid'; readonly message: string }

function unescape(text: string): Unescaped {
  let result = ''
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\\') {
      index += 1
      const escaped = text[index] ?? ''
      if (escaped === '' || !',=\\'.includes(escaped)) {
        const message = `invalid field selector: invalid escape sequence: \\${escaped}`
        return { kind: 'invalid', message }
      }
      result += escaped
    } else if (character === '=') {
      const message = `invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`
      return { kind: 'invalid', message }
    } else {
      result += character
    }
  }
  return { kind: 'text', text: result }
}

/** Whether the object whose fields `valueOf` gives as text fulfils every requirement. */
export function matchesFields(
  selector: FieldSelector,
  valueOf: (field: string) => string,
): boolean {
  return selector.every(({ field, value, negated }) => (valueOf(field) === value) !== negated)
}
