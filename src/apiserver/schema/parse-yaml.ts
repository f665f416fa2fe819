import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml'
import { mostDuplicates } from './duplicate-keys.ts'
import type { JsonValue } from './json-value.ts'
import { countKeys } from './parse-json.ts'

export type ParsedYaml =
  | {
      readonly kind: 'parsed'
      readonly value: JsonValue
      readonly duplicates: readonly string[]
    }
  | { readonly kind: 'invalid'; readonly message: string; readonly format: 'yaml' }

/** YAML 1.1 tags that would make something else than JSON values. */
const foreignTags = /:(binary|omap|pairs|set|timestamp)$/

function invalid(why: string): ParsedYaml {
  return {
    kind: 'invalid',
    message: `error converting YAML to JSON: yaml: ${why}`,
    format: 'yaml',
  }
}

/**
 * The first document of a YAML body as JSON, read by YAML 1.1 as Kubernetes does (`0644` is
 * octal, `yes` is true; times stay text), with the paths of repeated keys,
 * the first `mostDuplicates` of them.
 */
export function parseYaml(body: string): ParsedYaml {
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(body, {
      version: '1.1',
      uniqueKeys: false,
      merge: true,
      logLevel: 'silent',
      // Finding line and column of each error takes minutes where there are thousands.
      prettyErrors: false,
      lineCounter,
      customTags: (tags) =>
        tags.filter((tag) => typeof tag === 'string' || !foreignTags.test(tag.tag)),
    })
    const [error] = document.errors
    if (error) return invalid(`line ${lineCounter.linePos(error.pos[0]).line}: ${error.message}`)
    // JSON has no NaN, dates or shared references: a round trip leaves plain JSON.
    const text = JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null'
    const value = JSON.parse(text) as JsonValue
    if (countKeys(value) === undefined) return invalid('exceeded max depth')
    const duplicates = findDuplicates(document.contents, '').take(mostDuplicates)
    return { kind: 'parsed', value, duplicates: [...duplicates] }
  } catch (error) {
    // What JSON has no way to write is a circle, of which Node would tell by its constructors.
    if (error instanceof TypeError) return invalid('an anchor contains itself')
    // toJS refuses alias bombs and over-deep documents by throwing.
    return invalid(error instanceof Error ? error.message : String(error))
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : ''
}

function* findDuplicates(node: Node | null | undefined, path: string): Generator<string> {
  if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      yield* findDuplicates(item as Node | null, `${path}[${index}]`)
    }
  }
  if (!isMap(node) || isAlias(node)) return
  const seen = new Set<string>()
  for (const { key, value } of node.items) {
    const name = keyText(key)
    const inner = path === '' ? name : `${path}.${name}`
    if (seen.has(name)) yield inner
    seen.add(name)
    yield* findDuplicates(value as Node | null, inner)
  }
}
