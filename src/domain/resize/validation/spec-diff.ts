/**
 * What differs between two specs, a line for each side: `- spec.a: before`, `+ spec.a: after`;
 * empty where they are the same JSON. For people to read: kube-apiserver prints a diff of Go
 * values at the same place.
 */
export function specDiff(before: unknown, after: unknown): string {
  return [...lines(before, after, 'spec')].join('\n')
}

function* lines(before: unknown, after: unknown, path: string): Generator<string> {
  if (before === after) return
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) {
      yield* lines(item, after[index], `${path}[${index}]`)
    }
    return
  }
  if (isObject(before) && isObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* lines(before[key], after[key], `${path}.${key}`)
    }
    return
  }
  if (before !== undefined) yield `- ${path}: ${JSON.stringify(before)}`
  if (after !== undefined) yield `+ ${path}: ${JSON.stringify(after)}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
