import { isTrue } from '../../domain/query/query-boolean.ts'
import { forbidden, notSupported, type FieldError } from '../../domain/field-error.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { asInt64 } from '../../domain/int64.ts'
import { badRequest, invalid, type StatusError } from '../status-error.ts'
import { readResourceVersion } from './resource-version.ts'

/** The query of a list or watch, read and checked. */
export interface ListOptions {
  /** Absent: the latest state. 0: any state. */
  readonly version?: bigint
  /** That very state, instead of one that is not older. */
  readonly exact: boolean
  readonly limit: number
  readonly continueAt: string
  readonly bookmarks: boolean
  /** Whether a watch begins with what is there; absent: as its resourceVersion says. */
  readonly initialEvents?: boolean
  readonly timeoutSeconds?: number
}

const listOptionsKind = { group: 'meta.k8s.io', kind: 'ListOptions' }
const matches = ['Exact', 'NotOlderThan', '']

/**
 * @throws StatusError 422 for combinations that Kubernetes forbids, 400 for
 *   numbers that are none.
 */
export function readListOptions(query: URLSearchParams): ListOptions {
  return read(query, listErrors, 'invalid resource version: ')
}

/**
 * The same of a watch.
 *
 * @param version of Kubernetes: not all of them can begin a watch with what is there.
 */
export function readWatchOptions(query: URLSearchParams, version: KubeVersion): ListOptions {
  return read(query, (one) => watchErrors(one, hasWatchList(version)), '')
}

/** @see Kubernetes pkg/features/kube_features.go, WatchList */
function hasWatchList(version: KubeVersion): boolean {
  return atLeast(version, '1.32') && version !== '1.33'
}

function read(
  query: URLSearchParams,
  errorsIn: (query: URLSearchParams) => readonly FieldError[],
  versionPrefix: string,
): ListOptions {
  const timeoutSeconds = readNumber(query, 'timeoutSeconds')
  const limit = readNumber(query, 'limit') ?? 0
  const errors = errorsIn(query)
  if (errors.length > 0) throw invalid(listOptionsKind, '', errors)
  const version = readResourceVersion(query, versionPrefix)
  const match = query.get('resourceVersionMatch') ?? ''
  return {
    ...(version === undefined ? {} : { version }),
    // A page of a version was a page of that very version before one could say what is meant.
    exact: match === 'Exact' || (match === '' && limit > 0),
    limit,
    continueAt: query.get('continue') ?? '',
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    ...(query.has('sendInitialEvents')
      ? { initialEvents: isTrue(query.get('sendInitialEvents')) }
      : {}),
    ...(timeoutSeconds === undefined || timeoutSeconds === 0 ? {} : { timeoutSeconds }),
  }
}

/** @throws StatusError 400 when the parameter is there and is no int64. */
export function readNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[-+]?\d+$/.test(text)) throw badNumber(text, 'invalid syntax')
  const number = asInt64(Number(text))
  if (number === undefined) throw badNumber(text, 'value out of range')
  return number
}

function badNumber(text: string, why: string): StatusError {
  return badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: ${why}`)
}

function listErrors(query: URLSearchParams): readonly FieldError[] {
  const errors: FieldError[] = []
  const match = query.get('resourceVersionMatch') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (version === '') {
      errors.push(
        forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      )
    }
    errors.push(...continueErrors(query))
    if (!matches.includes(match)) errors.push(notSupported(field, match, matches))
    if (match === 'Exact' && version === '0') {
      errors.push(
        forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      )
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return errors
}

function continueErrors(query: URLSearchParams): readonly FieldError[] {
  if ((query.get('continue') ?? '') === '') return []
  const why = 'resourceVersionMatch is forbidden when continue is provided'
  return [forbidden('resourceVersionMatch', why)]
}

function watchErrors(query: URLSearchParams, canBegin: boolean): readonly FieldError[] {
  const errors: FieldError[] = []
  const match = query.get('resourceVersionMatch') ?? ''
  const field = 'resourceVersionMatch'
  const asked = query.has('sendInitialEvents')
  if (asked && match !== 'NotOlderThan') {
    errors.push(
      forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    )
  }
  if (asked && !canBegin) {
    const why =
      'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'
    errors.push(forbidden('sendInitialEvents', why))
  }
  if (match === '') return errors
  if (!asked) {
    errors.push(
      forbidden(
        field,
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    )
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']))
  return [...errors, ...continueErrors(query)]
}
