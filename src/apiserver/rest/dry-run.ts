import { notSupported } from '../../domain/resize/field-error.ts'
import { invalid } from '../status-error.ts'
import type { Call } from './call.ts'

/**
 * Whether the request is to be answered as if, with nothing stored. `asked` are
 * the words of a delete's body; the query counts too.
 *
 * @throws StatusError 422 for any word but `All`.
 */
export function isDryRun(call: Call, asked: readonly string[] = []): boolean {
  const words = [...call.query.getAll('dryRun'), ...asked].filter((word) => word !== '')
  const wrong = words.find((word) => word !== 'All')
  if (wrong !== undefined) {
    const kind = { group: 'meta.k8s.io', kind: 'CreateOptions' }
    throw invalid(kind, '', [notSupported('dryRun', words, ['All'])])
  }
  return words.length > 0
}
