/** All but tab and line feed. */
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g

/**
 * Text of others as a terminal may show it, each control character as its escape in JSON. What
 * a container wrote as its last words, or shows as its files, could else move the cursor, hide
 * lines and colour others.
 *
 * @see CVE-2021-25743, the same in kubectl
 */
export function printable(text: string): string {
  return text.replaceAll(
    control,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON whose texts are all printable; the same object where they are. */
export function printableJson<T>(value: T): T {
  return made(value) as T
}

function made(value: unknown): unknown {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map(made)
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  const before = Object.entries(value)
  const after = before.map(([key, inner]) => [printable(key), made(inner)] as const)
  const isChanged = after.some(([key, inner], index) => {
    return key !== before[index]?.[0] || inner !== before[index]?.[1]
  })
  return isChanged ? Object.fromEntries(after) : value
}
