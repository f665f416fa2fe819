import { invalid, type FieldError } from '../../domain/field-error.ts'
import { asJson, type KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { objectAt, textAt, textsAt } from '../schema/read-json.ts'

function specOf(review: KubeObject): JsonObject {
  return objectAt(asJson(review), 'spec') ?? {}
}

/** What is asked about: a resource or a path, not both. @see Kubernetes ValidateSelfSubjectAccessReviewSpec */
export function validateQuestion(review: KubeObject): readonly FieldError[] {
  const spec = specOf(review)
  const path = objectAt(spec, 'nonResourceAttributes')
  const hasResource = objectAt(spec, 'resourceAttributes') !== undefined
  if (hasResource && path !== undefined) {
    const why = 'cannot be specified in combination with resourceAttributes'
    return [invalid('spec.nonResourceAttributes', path, why)]
  }
  if (hasResource || path !== undefined) return []
  const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalid('spec.resourceAttributes', null, why)]
}

/** The same about somebody else. @see Kubernetes ValidateSubjectAccessReviewSpec */
export function validateQuestionAbout(review: KubeObject): readonly FieldError[] {
  const spec = specOf(review)
  const user = textAt(spec, 'user')
  const isNobody = user === '' && textsAt(spec, 'groups').length === 0
  return [
    ...validateQuestion(review),
    ...(isNobody
      ? [invalid('spec.user', user, 'at least one of user or group must be specified')]
      : []),
  ]
}

/** The same where the review is in a namespace. @see Kubernetes ValidateLocalSubjectAccessReview */
export function validateQuestionHere(review: KubeObject): readonly FieldError[] {
  const spec = specOf(review)
  const resource = objectAt(spec, 'resourceAttributes')
  const path = objectAt(spec, 'nonResourceAttributes')
  const namespace = textAt(resource ?? {}, 'namespace')
  const isElsewhere = resource !== undefined && namespace !== review.metadata.namespace
  const where = 'spec.resourceAttributes.namespace'
  return [
    ...validateQuestionAbout(review),
    ...(isElsewhere ? [invalid(where, namespace, 'must match metadata.namespace')] : []),
    ...(path === undefined
      ? []
      : [invalid('spec.nonResourceAttributes', path, 'disallowed on this kind of request')]),
  ]
}
