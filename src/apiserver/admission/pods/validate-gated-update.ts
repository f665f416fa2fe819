import { invalid, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectAt, objectsAt } from '../../schema/read-json.ts'
import { sameJson } from '../../schema/same-json.ts'

/**
 * While scheduling gates hold a pod back, its nodes may still be narrowed down: by labels that
 * they must have besides, and by further requirements of its node affinity.
 *
 * @see Kubernetes pkg/apis/core/validation, validateNodeSelectorMutation and
 *   validateNodeAffinityMutation
 */
export function validateGatedUpdate(before: JsonObject, after: JsonObject): readonly FieldError[] {
  if (objectsAt(before, 'schedulingGates').length === 0) return []
  return [...checkSelector(before, after), ...checkAffinity(before, after)]
}

function checkSelector(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const now = objectAt(after, 'nodeSelector') ?? {}
  const old = Object.entries(objectAt(before, 'nodeSelector') ?? {})
  if (old.every(([key, value]) => now[key] === value)) return []
  const text = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return [invalid('spec.nodeSelector', now, text)]
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'

function checkAffinity(before: JsonObject, after: JsonObject): readonly FieldError[] {
  const [old, now] = [termsOf(before), termsOf(after)]
  const path = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`
  if (old.length === 0) return []
  if (old.length !== now.length) {
    const text = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    return [invalid(path, now, text)]
  }
  return now.flatMap((term, index) => {
    if (isNarrowed(old[index] ?? {}, term)) return []
    return [
      invalid(`${path}[${index}]`, term, 'only additions are allowed (no mutations or deletions)'),
    ]
  })
}

function termsOf(spec: JsonObject): readonly JsonObject[] {
  const node = objectAt(objectAt(spec, 'affinity') ?? {}, 'nodeAffinity') ?? {}
  return objectsAt(objectAt(node, required) ?? {}, 'nodeSelectorTerms')
}

/** A term without requirements selects no node, so that one more would widen it. */
function isNarrowed(old: JsonObject, term: JsonObject): boolean {
  const lists = ['matchExpressions', 'matchFields'].map((key) => {
    return { was: objectsAt(old, key), is: objectsAt(term, key) }
  })
  if (lists.every(({ was }) => was.length === 0)) return lists.every(({ is }) => is.length === 0)
  return lists.every(({ was, is }) => was.every((one, index) => sameJson(one, is[index])))
}
