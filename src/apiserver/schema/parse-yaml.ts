import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ErrorCode,
  type Node,
} from 'yaml'
import { mostDuplicates } from './duplicate-keys.ts'
import type { JsonValue } from './json-value.ts'
import { countKeys } from './parse-json.ts'

export type ParsedYaml =
  | {
      readonly kind: 'parsed'
      readonly value: JsonValue
      /** Of each repeated key, the first `mostDuplicates`: `line 7: key "a" already set in map`. */
      readonly repeated: readonly string[]
    }
  | { readonly kind: 'invalid'; readonly message: string; readonly format: 'yaml' }

/** YAML 1.1 tags that would make something else than JSON values. */
const foreignTags = /:(binary|omap|pairs|set|timestamp)$/

/** What Go's YAML reader says, where it is known to. */
const goMessages: Readonly<Partial<Record<ErrorCode, string>>> = {
  TAB_AS_INDENT: 'found character that cannot start any token',
}

function invalid(why: string): ParsedYaml {
  return {
    kind: 'invalid',
    message: `yaml: ${why}`,
    format: 'yaml',
  }
}

/**
 * The first document of a YAML body as JSON, read by YAML 1.1 as Kubernetes does (`0644` is
 * octal, `yes` is true; times stay text), with what Kubernetes says of repeated keys.
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
    const lineAt = (offset: number) => lineCounter.linePos(offset).line
    if (error)
      return invalid(`line ${lineAt(error.pos[0])}: ${goMessages[error.code] ?? error.message}`)
    // JSON has no NaN, dates or shared references: a round trip leaves plain JSON.
    const text = JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null'
    const value = JSON.parse(text) as JsonValue
    if (countKeys(value) === undefined) return invalid('exceeded max depth')
    const repeated = findRepeated(document.contents, lineAt).take(mostDuplicates)
    return { kind: 'parsed', value, repeated: [...repeated] }
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

type LineAt = (offset: number) => number

function* findRepeated(node: Node | null | undefined, lineAt: LineAt): Generator<string> {
  if (isSeq(node)) {
    for (const item of node.items) yield* findRepeated(item as Node | null, lineAt)
  }
  if (!isMap(node) || isAlias(node)) return
  const seen = new Set<string>()
  for (const { key, value } of node.items) {
    const name = keyText(key)
    const [start = 0] = (value as Node | null)?.range ?? (key as Node).range ?? []
    if (seen.has(name))
      yield `line ${lineAt(start)}: key ${JSON.stringify(name)} already set in map`
    seen.add(name)
    yield* findRepeated(value as Node | null, lineAt)
  }
}
