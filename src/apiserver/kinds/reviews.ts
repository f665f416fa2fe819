import {
  validateQuestion,
  validateQuestionAbout,
  validateQuestionHere,
} from '../admission/validate-review.ts'
import { checkToken } from '../auth/check-token.ts'
import type { Call, User } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { badRequest } from '../status-error.ts'

/** Questions about users: they are created, answered in their status and stored nowhere. */

const authentication = { group: 'authentication.k8s.io', version: 'v1' } as const
const authorization = { group: 'authorization.k8s.io', version: 'v1' } as const
const question = { namespaced: false, verbs: ['create'] } as const

/** There are no rules yet by which rights could differ. */
const reason = 'podfit allows everything to everybody who is authenticated'

export const reviews: readonly Kind[] = [
  {
    ...authentication,
    ...question,
    kind: 'SelfSubjectReview',
    plural: 'selfsubjectreviews',
    singular: 'selfsubjectreview',
    type: 'authentication/v1.SelfSubjectReview',
    answerCreate: (_object, { user }) => ({ userInfo: userInfo(user) }),
  },
  {
    ...authentication,
    ...question,
    kind: 'TokenReview',
    plural: 'tokenreviews',
    singular: 'tokenreview',
    type: 'authentication/v1.TokenReview',
    answerCreate: reviewToken,
  },
  {
    ...authorization,
    ...question,
    kind: 'SelfSubjectAccessReview',
    plural: 'selfsubjectaccessreviews',
    singular: 'selfsubjectaccessreview',
    type: 'authorization/v1.SelfSubjectAccessReview',
    validateCreate: validateQuestion,
    answerCreate: () => ({ allowed: true, reason }),
  },
  {
    ...authorization,
    ...question,
    kind: 'SubjectAccessReview',
    plural: 'subjectaccessreviews',
    singular: 'subjectaccessreview',
    type: 'authorization/v1.SubjectAccessReview',
    validateCreate: validateQuestionAbout,
    answerCreate: reviewAccess,
  },
  {
    ...authorization,
    ...question,
    namespaced: true,
    kind: 'LocalSubjectAccessReview',
    plural: 'localsubjectaccessreviews',
    singular: 'localsubjectaccessreview',
    type: 'authorization/v1.LocalSubjectAccessReview',
    validateCreate: validateQuestionHere,
    answerCreate: reviewAccess,
  },
  {
    ...authorization,
    ...question,
    kind: 'SelfSubjectRulesReview',
    plural: 'selfsubjectrulesreviews',
    singular: 'selfsubjectrulesreview',
    type: 'authorization/v1.SelfSubjectRulesReview',
    answerCreate: () => ({
      incomplete: false,
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    }),
  },
]

function userInfo({ name, uid, groups, extra }: User): JsonObject {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups: [...groups],
    ...(extra === undefined
      ? {}
      : { extra: Object.fromEntries(Object.entries(extra).map(([key, all]) => [key, [...all]])) }),
  }
}

function specOf(object: KubeObject): JsonObject {
  const spec = object.spec as JsonValue | undefined
  return isJsonObject(spec) ? spec : {}
}

function reviewToken(object: KubeObject, { server }: Call): JsonObject {
  const { token, audiences } = specOf(object)
  const wanted = (Array.isArray(audiences) ? audiences : []).filter(
    (one) => typeof one === 'string',
  )
  if (typeof token !== 'string' || token === '') {
    throw badRequest('token is required for TokenReview in authentication')
  }
  const verdict = checkToken(server, token, wanted.length === 0 ? undefined : wanted)
  switch (verdict.kind) {
    case 'known':
      return {
        authenticated: true,
        user: userInfo(verdict.user),
        audiences: [...verdict.audiences],
      }
    case 'refused':
      return { authenticated: false, error: verdict.why }
    default:
      return verdict satisfies never
  }
}

function reviewAccess(object: KubeObject): JsonObject {
  return specOf(object)['user'] === 'system:anonymous'
    ? { allowed: false, reason: 'podfit allows nothing to those who are not authenticated' }
    : { allowed: true, reason }
}
