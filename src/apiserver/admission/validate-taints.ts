import { duplicate, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectAt, objectsAt, textAt } from '../schema/read-json.ts'
import { checkChoice } from './choice.ts'
import { checkName, qualifiedName } from './name-rules.ts'
import { checkLabelValue } from './validate-labels.ts'

/** What a taint does to pods that do not tolerate it. */
export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

/**
 * The taints of a node. Kubernetes names them as if they were metadata.
 *
 * @see Kubernetes pkg/apis/core/validation/validation.go, validateNodeTaints
 */
export function validateTaints(node: KubeObject): readonly FieldError[] {
  const spec = objectAt(asJson(node), 'spec') ?? {}
  const seen = new Set<string>()
  return objectsAt(spec, 'taints').flatMap((taint, index) => {
    const path = `metadata.taints[${index}]`
    const known = seen.has(keyOf(taint))
    seen.add(keyOf(taint))
    return [
      ...validateTaint(taint, path),
      ...(known
        ? [{ ...duplicate(path, taint), detail: 'taints must be unique by key and effect pair' }]
        : []),
    ]
  })
}

function keyOf(taint: JsonObject): string {
  return `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`
}

function validateTaint(taint: JsonObject, path: string): readonly FieldError[] {
  return [
    ...checkName(`${path}.key`, textAt(taint, 'key'), qualifiedName),
    ...checkLabelValue(textAt(taint, 'value'), `${path}.value`),
    ...checkChoice(`${path}.effect`, textAt(taint, 'effect'), taintEffects),
  ]
}
