import { usageError } from '../cli-error.ts'

const formats = ['json', 'yaml'] as const

/** `-o`: for programs. Without it output is for people. */
export type OutputFormat = (typeof formats)[number]

/** Every document podfit prints for programs; its fields only ever grow within a version. */
const outputApiVersion = 'podfit.dev/v1'

/** @throws CliError (usage) if `text` names no format. */
export function parseOutputFormat(text: string): OutputFormat {
  const format = formats.find((name) => name === text)
  if (format !== undefined) return format
  throw usageError(`Cannot print as '${text}': -o takes json or yaml`)
}

/**
 * The document of `kind` about the one pod that was named, else a list: a selection is one also
 * where it finds a single pod.
 */
export async function renderDocuments(
  format: OutputFormat,
  kind: string,
  items: readonly object[],
  isOneNamed: boolean,
): Promise<string> {
  const [only] = items
  return only !== undefined && items.length === 1 && isOneNamed
    ? await renderDocument(format, kind, only)
    : await renderDocument(format, `${kind}List`, { items })
}

/** One document, `apiVersion` and `kind` first. */
export async function renderDocument(
  format: OutputFormat,
  kind: string,
  content: object,
): Promise<string> {
  const document = { apiVersion: outputApiVersion, kind, ...content }
  switch (format) {
    case 'json':
      return `${JSON.stringify(document, undefined, 2)}\n`
    case 'yaml': {
      const { stringify } = await import('yaml')
      // What is text stays text for those who read YAML 1.1: times, `yes` and `0644`.
      const reader = { compat: 'yaml-1.1' } as const
      return stringify(document, { ...reader, aliasDuplicateObjects: false, lineWidth: 0 })
    }
    default:
      return format satisfies never
  }
}
