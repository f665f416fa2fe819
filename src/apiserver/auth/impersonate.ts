import type { User } from '../call.ts'
import { badRequest } from '../status-error.ts'

const authenticated = 'system:authenticated'
const extraPrefix = 'impersonate-extra-'

/**
 * Who is to be taken for the one who asks: whom the `Impersonate-` headers name (`kubectl --as`),
 * else `user`. Everybody may, as everybody may do everything.
 *
 * @throws StatusError 400 when they name groups or a uid and no user.
 * @see Kubernetes apiserver/pkg/endpoints/filters/impersonation.go
 */
export function impersonated(user: User, headers: Headers): User {
  const name = headers.get('impersonate-user') ?? ''
  const groups = listIn(headers.get('impersonate-group'))
  const uid = headers.get('impersonate-uid')
  if (name === '') {
    if (groups.length === 0 && uid === null) return user
    throw badRequest('groups or a uid are impersonated without a user')
  }
  const extra = extraIn(headers)
  return {
    name,
    groups: [...new Set([...(groups.length > 0 ? groups : accountGroups(name)), authenticated])],
    ...(uid === null ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}

/** A service account is in the groups of its kind and namespace. */
function accountGroups(name: string): readonly string[] {
  const [, namespace] = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name) ?? []
  return namespace === undefined
    ? []
    : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
}

function extraIn(headers: Headers): readonly [string, readonly string[]][] {
  return [...headers]
    .filter(([header]) => header.startsWith(extraPrefix))
    .map(([header, values]) => [decoded(header.slice(extraPrefix.length)), listIn(values)])
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    throw badRequest(`cannot read the header ${extraPrefix}${key}: its name is no URL encoding`)
  }
}

/** A header that came several times has its values joined. */
function listIn(header: string | null): readonly string[] {
  if (header === null) return []
  return header
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
}
