import type { Format } from './negotiate.ts'

/** JSON text in the encoding that the client asked for, indented for those who read it themselves. */
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
    case 'yaml': {
      const { stringify } = await import('yaml')
      // Kubernetes and its clients read YAML 1.1, where `yes` is true and times are times.
      return stringify(JSON.parse(json), { compat: 'yaml-1.1' })
    }
    default:
      return encoding satisfies never
  }
}

/** @see Kubernetes apiserver/pkg/endpoints/handlers/negotiation, isPrettyPrint */
function wantsIndent({ url, headers }: Request): boolean {
  const asked = url.includes('pretty') ? new URL(url).searchParams.get('pretty') : null
  if (asked) return /^(1|t|true)$/i.test(asked)
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headers.get('user-agent') ?? '')
}
