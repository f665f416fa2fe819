import { type Check, error, ok, warning } from './check.ts'
import { type AskedAccess, missingRoles, type RoleObject } from './needed-access.ts'
import type { ServerFacts } from './server-facts.ts'

/** What this user may do, and the smallest roles that grant what is missing. */
export function accessChecks(
  { access: asked }: ServerFacts,
  namespace: string,
): { readonly checks: readonly Check[]; readonly roles: readonly RoleObject[] } {
  const missing: AskedAccess[] = []
  const checks = asked.map((access): Check => {
    const { verb, group, resource, use, required, clusterWide, allowed } = access
    const everywhere = clusterWide && resource === 'pods' ? ' in all namespaces' : ''
    const what = `${verb} ${[resource, group].filter(Boolean).join('.')}${everywhere}`
    if (allowed === true) return ok(what)
    if (allowed === undefined) {
      return warning(`${what}: not known`, 'the server does not take SelfSubjectAccessReviews')
    }
    missing.push(access)
    const hint = `needed to ${use}; the role below grants it${access.powerful === true ? ', and much more: with care' : ''}`
    return required ? error(`${what} is forbidden`, hint) : warning(`${what} is forbidden`, hint)
  })
  return { checks, roles: missingRoles(missing, namespace) }
}
