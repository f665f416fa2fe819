import { badRequest } from '../status-error.ts'
import { includeObjectValues, type IncludeObject } from '../table/print.ts'

/**
 * How much of each object a table's rows carry, from the query.
 *
 * @throws StatusError 400 for a word that Kubernetes does not have.
 */
export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? ''
  if (text === '') return 'Metadata'
  const found = includeObjectValues.find((value) => value === text)
  if (found === undefined) throw badRequest(`unrecognized includeObject value: "${text}"`)
  return found
}
