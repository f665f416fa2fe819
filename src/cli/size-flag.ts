import { parseSizeRequest, type SizeRequest } from '../domain/resize/size-request.ts'
import { usageError } from './cli-error.ts'

/** Reads `--cpu` and `--memory`: `500m:1`, `+20%`, `:2Gi`. */
export function parseSize(resource: 'cpu' | 'memory'): (text: string) => SizeRequest {
  return (text) => {
    const parsed = parseSizeRequest(text, resource)
    if (parsed.kind === 'refused') throw usageError(parsed.message)
    return parsed.wanted
  }
}
