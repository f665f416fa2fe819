import type { Format } from './negotiate.ts'

/** JSON text in the encoding that the client asked for. */
export async function encodeJson(json: string, encoding: Format['encoding']): Promise<string> {
  switch (encoding) {
    case 'json':
      return json
    case 'yaml': {
      const { stringify } = await import('yaml')
      return stringify(JSON.parse(json))
    }
    default:
      return encoding satisfies never
  }
}
