import { forbidden, invalid, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectAt, textAt, textsAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'
import { validateProfiles } from './validate-profiles.ts'

const maxInt32 = 2_147_483_647

/** What a pod's security context may not say. @see Kubernetes ValidatePodSecurityContext */
export function validatePodSecurity(spec: JsonObject): readonly FieldError[] {
  const path = 'spec.securityContext'
  const context = objectAt(spec, 'securityContext') ?? {}
  const shared = spec['hostPID'] === true && spec['shareProcessNamespace'] === true
  return [
    ...validateIds(context, ['fsGroup', 'runAsUser', 'runAsGroup'], path),
    ...(shared
      ? [
          invalid(
            `${path}.shareProcessNamespace`,
            true,
            'ShareProcessNamespace and HostPID cannot both be enabled',
          ),
        ]
      : []),
    ...validateProfiles(context, path),
  ]
}

/**
 * What a container's security context may not say.
 *
 * @param ownUsers whether the pod has a user namespace of its own.
 * @see Kubernetes ValidateSecurityContext
 */
export function validateContainerSecurity(
  container: JsonObject,
  ownUsers: boolean,
  path: string,
): readonly FieldError[] {
  const context = objectAt(container, 'securityContext')
  if (context === undefined) return []
  return [
    ...validateIds(context, ['runAsUser', 'runAsGroup'], path),
    ...validateProcMount(context, ownUsers, path),
    ...validateEscalation(context, path),
    ...validateProfiles(context, path),
  ]
}

/**
 * What a pod with a user namespace of its own may not share with the node. Only the first path
 * is written like the field in Kubernetes.
 *
 * @see Kubernetes validation.go, validateHostUsers
 */
export function validateHostUsers(spec: JsonObject): readonly FieldError[] {
  if (spec['hostUsers'] !== false) return []
  const paths = { hostNetwork: 'hostNetwork', hostPID: 'HostPID', hostIPC: 'HostIPC' }
  return Object.entries(paths).flatMap(([key, path]) =>
    spec[key] === true ? [forbidden(`spec.${path}`, 'when `pod.Spec.HostUsers` is false')] : [],
  )
}

function validateIds(
  context: JsonObject,
  keys: readonly string[],
  path: string,
): readonly FieldError[] {
  return keys.flatMap((key) => {
    if (!hasValue(context, key)) return []
    const id = numberAt(context, key)
    if (id >= 0 && id <= maxInt32) return []
    return [invalid(`${path}.${key}`, id, `must be between 0 and ${maxInt32}, inclusive`)]
  })
}

function validateProcMount(
  context: JsonObject,
  ownUsers: boolean,
  path: string,
): readonly FieldError[] {
  if (!hasValue(context, 'procMount')) return []
  const mount = textAt(context, 'procMount')
  const field = `${path}.procMount`
  const known = checkChoice(field, mount, ['Default', 'Unmasked'])
  if (mount !== 'Unmasked' || ownUsers) return known
  return [...known, invalid(field, mount, '`hostUsers` must be false to use `Unmasked`')]
}

function validateEscalation(context: JsonObject, path: string): readonly FieldError[] {
  if (context['allowPrivilegeEscalation'] !== false) return []
  const added = textsAt(objectAt(context, 'capabilities') ?? {}, 'add')
  const cannot = (what: string): FieldError =>
    invalid(path, context, `cannot set \`allowPrivilegeEscalation\` to false and ${what}`)
  return [
    ...(context['privileged'] === true ? [cannot('`privileged` to true')] : []),
    ...(added.includes('CAP_SYS_ADMIN') ? [cannot('`capabilities.Add` CAP_SYS_ADMIN')] : []),
  ]
}
