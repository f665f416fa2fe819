import {
  duplicate,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../domain/resize/field-error.ts'
import { atLeast, type KubeVersion } from '../../domain/resize/kube-version.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectsAt, textAt } from './read-json.ts'

export interface PolicyRules {
  /** The pod's restartPolicy. */
  readonly podRestartPolicy: string
  readonly version: KubeVersion
}

/** The resizePolicy of any container. Kubernetes leaves the index out of most paths. */
export function validateResizePolicy(
  container: JsonObject,
  rules: PolicyRules,
  path: string,
): readonly FieldError[] {
  const field = `${path}.resizePolicy`
  const seen = new Set<string>()
  return objectsAt(container, 'resizePolicy').flatMap((entry, index) => {
    const [resource, policy] = [textAt(entry, 'resourceName'), textAt(entry, 'restartPolicy')]
    const repeated = seen.has(resource)
    seen.add(resource)
    return [
      ...(repeated ? [duplicate(`${field}[${index}]`, resource)] : []),
      ...checkOne(field, resource, ['cpu', 'memory']),
      ...checkOne(field, policy, ['NotRequired', 'RestartContainer']),
      ...checkNever(field, policy, rules),
    ]
  })
}

function checkOne(field: string, value: string, choices: readonly string[]): readonly FieldError[] {
  if (value === '') return [required(field)]
  return choices.includes(value) ? [] : [notSupported(field, value, choices)]
}

/** What may not be restarted cannot be restarted for a resize. */
function checkNever(field: string, policy: string, rules: PolicyRules): readonly FieldError[] {
  if (rules.podRestartPolicy !== 'Never' || policy === 'NotRequired') return []
  const whose = atLeast(rules.version, '1.36') ? 'pod ' : ''
  return [invalid(field, policy, `must be 'NotRequired' when ${whose}\`restartPolicy\` is 'Never'`)]
}

/** What holds only for init containers. */
export function validateInitResizePolicy(
  container: JsonObject,
  version: KubeVersion,
  path: string,
): readonly FieldError[] {
  const entries = objectsAt(container, 'resizePolicy')
  const field = `${path}.resizePolicy`
  if (!atLeast(version, '1.33')) {
    const given = container['resizePolicy']
    return entries.length > 0 ? [invalid(field, given, 'must not be set for init containers')] : []
  }
  const isSidecar = textAt(container, 'restartPolicy') === 'Always'
  if (isSidecar || !atLeast(version, '1.36')) return []
  return entries.flatMap((entry, index) =>
    textAt(entry, 'restartPolicy') === 'RestartContainer'
      ? [
          invalid(
            `${field}[${index}].restartPolicy`,
            'RestartContainer',
            "must not be set to 'RestartContainer' for non-sidecar initContainers",
          ),
        ]
      : [],
  )
}
