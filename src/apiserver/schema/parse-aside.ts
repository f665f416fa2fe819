import { parseBody, type BodyFormat, type ParsedBody } from './parse-body.ts'
import { atOnce, inYamlThread, type YamlPatience } from './yaml-thread.ts'

/**
 * As `parseBody`. Large YAML is read by another thread, so that everybody else is answered
 * meanwhile, and refused where that takes too long.
 */
export async function parseAside(
  body: string,
  format: BodyFormat,
  findDuplicates = true,
  patience?: YamlPatience,
): Promise<ParsedBody> {
  if (format === 'json' || body.length <= atOnce) return parseBody(body, format, findDuplicates)
  const outcome = await inYamlThread({ kind: 'read', text: body }, patience)
  if (outcome.kind === 'done') return outcome.result
  const hint = 'send JSON, which is read a hundred times faster'
  return {
    kind: 'invalid',
    message: `yaml: ${outcome.why}; ${hint}`,
    format,
  }
}
