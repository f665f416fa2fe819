import {
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../domain/field-error.ts'
import { atLeast, type KubeVersion } from '../../../domain/kube-version.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkChoice } from '../choice.ts'

const policies = ['Always', 'OnFailure', 'Never']
const mostRules = 20
const mostValues = 255

/** Whether containers may have a restart policy and rules of their own (KEP-5307, on since 1.35). */
function hasRules(version: KubeVersion): boolean {
  return atLeast(version, '1.35')
}

/** The restart policy of a regular container. */
export function validateRestartPolicy(
  container: JsonObject,
  version: KubeVersion,
  path: string,
): readonly FieldError[] {
  const given = hasValue(container, 'restartPolicy')
  if (!hasRules(version)) {
    return given
      ? [forbidden(`${path}.restartPolicy`, 'may not be set for non-init containers')]
      : []
  }
  return [...(given ? checkPolicy(container, policies, path) : []), ...checkRules(container, path)]
}

/** The restart policy of an init container: before 1.35 only that of a sidecar. */
export function validateInitRestartPolicy(
  container: JsonObject,
  version: KubeVersion,
  path: string,
): readonly FieldError[] {
  const choices = hasRules(version) ? policies : ['Always']
  const given = hasValue(container, 'restartPolicy')
  return [
    ...(given ? checkPolicy(container, choices, path) : []),
    ...(hasRules(version) ? checkRules(container, path) : []),
  ]
}

function checkPolicy(
  container: JsonObject,
  choices: readonly string[],
  path: string,
): readonly FieldError[] {
  return checkChoice(`${path}.restartPolicy`, textAt(container, 'restartPolicy'), choices)
}

function checkRules(container: JsonObject, path: string): readonly FieldError[] {
  const rules = objectsAt(container, 'restartPolicyRules')
  const field = `${path}.restartPolicyRules`
  if (rules.length === 0) return []
  if (!hasValue(container, 'restartPolicy')) {
    return [
      required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used'),
    ]
  }
  if (rules.length > mostRules) {
    return [invalid(field, rules.length, `must have at most ${mostRules} items`)]
  }
  return rules.flatMap((rule, index) => checkRule(rule, `${field}[${index}]`))
}

function checkRule(rule: JsonObject, path: string): readonly FieldError[] {
  const action = textAt(rule, 'action')
  const actionErrors =
    action === ''
      ? [required(`${path}.action`)]
      : action === 'Restart'
        ? []
        : [notSupported(`${path}.action`, action, ['Restart'])]
  const exitCodes = objectAt(rule, 'exitCodes')
  if (exitCodes === undefined) {
    return [...actionErrors, required(`${path}.exitCodes`, 'must be specified')]
  }
  const { values } = exitCodes
  const count = Array.isArray(values) ? values.length : 0
  return [
    ...actionErrors,
    ...checkChoice(`${path}.exitCodes.operator`, textAt(exitCodes, 'operator'), ['In', 'NotIn']),
    ...(count === 0
      ? [required(`${path}.exitCodes.values`, 'at least one value is required')]
      : []),
    ...(count > mostValues
      ? [invalid(`${path}.exitCodes.values`, count, `must have at most ${mostValues} items`)]
      : []),
  ]
}
