import { forbidden, invalid, notSupported, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, objectsAt, textAt } from '../../schema/read-json.ts'
import { sameJson } from '../../schema/same-json.ts'
import { checkName, qualifiedName } from '../name-rules.ts'
import { taintEffects } from '../validate-taints.ts'

export function validateTolerations(spec: JsonObject): readonly FieldError[] {
  return objectsAt(spec, 'tolerations').flatMap((toleration, index) =>
    validateOne(toleration, `spec.tolerations[${index}]`),
  )
}

function validateOne(toleration: JsonObject, path: string): readonly FieldError[] {
  const [key, operator, effect] = ['key', 'operator', 'effect'].map((name) =>
    textAt(toleration, name),
  ) as [string, string, string]
  const value = textAt(toleration, 'value')
  return [
    ...(key === '' ? [] : checkName(`${path}.key`, key, qualifiedName)),
    ...(key === '' && operator !== 'Exists'
      ? [
          invalid(
            `${path}.operator`,
            operator,
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(hasValue(toleration, 'tolerationSeconds') && effect !== 'NoExecute'
      ? [
          invalid(
            `${path}.effect`,
            effect,
            "effect must be 'NoExecute' when `tolerationSeconds` is set",
          ),
        ]
      : []),
    ...validateOperator(operator, value, path),
    ...(effect === '' || taintEffects.includes(effect)
      ? []
      : [notSupported(`${path}.effect`, effect, taintEffects)]),
  ]
}

function validateOperator(operator: string, value: string, path: string): readonly FieldError[] {
  switch (operator) {
    case '':
    case 'Equal':
      return []
    case 'Exists':
      return value === ''
        ? []
        : [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")]
    default:
      return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])]
  }
}

/** Tolerations may be added to a pod, and their seconds changed; none may go. */
export function validateAddedTolerations(
  before: JsonObject,
  after: JsonObject,
): readonly FieldError[] {
  const bare = ({ tolerationSeconds: _seconds, ...rest }: JsonObject) => rest
  const now = objectsAt(after, 'tolerations').map(bare)
  const gone = objectsAt(before, 'tolerations').some(
    (old) => !now.some((toleration) => sameJson(toleration, bare(old))),
  )
  return gone
    ? [
        forbidden(
          'spec.tolerations',
          'existing toleration can not be modified except its tolerationSeconds',
        ),
      ]
    : []
}
