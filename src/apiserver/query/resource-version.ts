import { formatFieldError, invalid } from '../../domain/field-error.ts'
import { badRequest } from '../status-error.ts'

/** A version is a uint64 to kube-apiserver. */
const largest = 2n ** 64n - 1n

/**
 * The parameter `resourceVersion`: 0 is any, undefined the latest. It may be far beyond all
 * versions that there can be.
 *
 * @param prefix of the message, which is not the same for all verbs.
 * @throws StatusError 400 when it is none. kube-apiserver answers that to lists; others it
 *   answers 500, because nothing there turns what storage says into an answer.
 * @see Kubernetes apiserver/pkg/storage/api_object_versioner.go, ParseResourceVersion
 */
export function readResourceVersion(query: URLSearchParams, prefix = ''): bigint | undefined {
  const text = query.get('resourceVersion') ?? ''
  if (text === '') return undefined
  const isNumber = /^\d+$/.test(text)
  if (isNumber && BigInt(text) <= largest) return BigInt(text)
  const why = isNumber ? 'value out of range' : 'invalid syntax'
  const detail = `strconv.ParseUint: parsing ${JSON.stringify(text)}: ${why}`
  throw badRequest(`${prefix}${formatFieldError(invalid('resourceVersion', text, detail))}`)
}
