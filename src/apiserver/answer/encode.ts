import { writeYaml } from '../schema/write-yaml.ts'
import { atOnce, inYamlThread } from '../schema/yaml-thread.ts'
import { StatusError } from '../status-error.ts'
import type { Format } from './negotiate.ts'

/**
 * JSON text in the encoding that the client asked for, indented for those who read it themselves.
 * Much of it is written as YAML by another thread.
 */
export async function encodeJson(
  json: string,
  encoding: Format['encoding'],
  request?: Request,
): Promise<string> {
  switch (encoding) {
    case 'json':
      return request !== undefined && wantsIndent(request)
        ? `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`
        : json
    case 'yaml':
      return json.length <= atOnce ? writeYaml(json) : writeAside(json)
    default:
      return encoding satisfies never
  }
}

/** @throws StatusError 504 when it takes too long. */
async function writeAside(json: string): Promise<string> {
  const outcome = await inYamlThread({ kind: 'write', text: json })
  if (outcome.kind === 'done') return outcome.result
  throw new StatusError(504, 'Timeout', `Timeout: ${outcome.why}; ask for JSON`, {})
}

/** @see Kubernetes apiserver/pkg/endpoints/handlers/negotiation, isPrettyPrint */
function wantsIndent({ url, headers }: Request): boolean {
  const asked = url.includes('pretty') ? new URL(url).searchParams.get('pretty') : null
  if (asked) return /^(1|t|true)$/i.test(asked)
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers.get('user-agent') ?? '')
}
