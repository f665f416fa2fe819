import { invalid as invalidField, required } from '../../domain/field-error.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { timestamp } from '../../domain/timestamp.ts'
import { answerJson } from '../answer/answer.ts'
import { readTyped } from '../body/read-object.ts'
import { nameOf, type Call } from '../call.ts'
import { asKubeObject, asPod, type KubeMeta, type KubeObject } from '../kube-object.ts'
import { ofClient } from '../meta/of-client.ts'
import { namespaceOf } from '../rest/create.ts'
import { findObject } from '../rest/get.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { textAt } from '../schema/read-json.ts'
import { badRequest, conflict, invalid, notFound } from '../status-error.ts'
import type { BoundObject } from './account-tokens.ts'
import { issuer } from './token-claims.ts'

const kind = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' } as const
const apiVersion = 'authentication.k8s.io/v1'
const target = () => ({
  type: objectType('authentication/v1.TokenRequest'),
  apiVersion,
  kind: 'TokenRequest',
})

/** What the subresource `token` of a service account answers with. */
export const tokenRequestKind = kind

const usualSeconds = 3600
const leastSeconds = 600
const mostSeconds = 2 ** 32

/** POST of serviceaccounts/NAME/token: a token by which the account is known. */
export async function requestToken(call: Call): Promise<Response> {
  const body = await readTyped(call, target())
  const metadata = metadataIn(call, body)
  const account = findObject(call).object
  checkAccountUid(call, account, metadata)
  const spec = isJsonObject(body['spec']) ? body['spec'] : {}
  const lifetime = readLifetime(spec)
  const audiences = (Array.isArray(spec['audiences']) ? spec['audiences'] : []).filter(
    (one) => typeof one === 'string',
  )
  const bound = findBound(call, spec['boundObjectRef'])
  const { token, expires } = call.server.tokens.issue({
    account,
    audiences,
    lifetime,
    ...bound,
  })
  const { name, namespace, uid } = account.metadata
  const { uid: _asked, ...kept } = ofClient(metadata)
  const answer = {
    kind: 'TokenRequest',
    apiVersion,
    metadata: {
      ...kept,
      name,
      namespace,
      ...(knowsAccountUid(call) ? { uid } : {}),
      creationTimestamp: timestamp(call.server.now()),
    },
    spec: {
      audiences: audiences.length === 0 ? [issuer] : audiences,
      expirationSeconds: lifetime,
      boundObjectRef: spec['boundObjectRef'] ?? null,
    },
    status: { token, expirationTimestamp: timestamp(expires) },
  }
  return answerJson(call, answer, 201)
}

/**
 * What the request says of itself: whatever it names must be the account of the path.
 *
 * @throws StatusError 422 for another name, 400 for another namespace.
 * @see Kubernetes pkg/registry/core/serviceaccount/storage/token.go, TokenREST.Create
 */
function metadataIn(call: Call, body: JsonObject): KubeMeta {
  const metadata: KubeMeta = asKubeObject({ metadata: {}, ...body }).metadata
  namespaceOf(metadata, call.target.namespace)
  const { name = '' } = metadata as Partial<KubeMeta>
  if (name === '' || name === nameOf(call)) return metadata
  const why = 'must match the service account name if specified'
  throw invalid(kind, nameOf(call), [invalidField('metadata.name', name, why)])
}

/** @throws StatusError 409 where the request means an earlier account of the same name. */
function checkAccountUid(call: Call, account: KubeObject, { uid: wanted = '' }: KubeMeta): void {
  const { name, uid = '' } = account.metadata
  if (!knowsAccountUid(call) || wanted === '' || wanted === uid) return
  const why = `the UID in the token request (${wanted}) does not match the UID of the service account (${uid})`
  throw conflict({ group: kind.group, plural: kind.kind }, name, why)
}

function knowsAccountUid(call: Call): boolean {
  return atLeast(call.server.version, '1.34')
}

function readLifetime(spec: JsonObject): number {
  const value = spec['expirationSeconds'] ?? usualSeconds
  const seconds = typeof value === 'number' ? value : usualSeconds
  const field = 'spec.expirationSeconds'
  if (seconds < leastSeconds) {
    const why = 'may not specify a duration less than 10 minutes'
    throw invalid(kind, '', [invalidField(field, seconds, why)])
  }
  if (seconds <= mostSeconds) return seconds
  const why = 'may not specify a duration larger than 2^32 seconds'
  throw invalid(kind, '', [invalidField(field, seconds, why)])
}

const boundPlurals = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as const

function findBound(
  call: Call,
  reference: JsonValue | undefined,
): { readonly bound?: BoundObject; readonly node?: string } {
  if (!isJsonObject(reference)) return {}
  const boundKind = boundKindOf(reference, call.server.version)
  const name = textAt(reference, 'name')
  if (name === '') throw invalid(kind, '', [required('spec.boundObjectRef.name')])
  const plural = boundPlurals[boundKind]
  const key = boundKind === 'Node' ? name : `${call.target.namespace ?? ''}/${name}`
  const found = call.server.store.collection(plural).get(key)
  if (found === undefined) throw notFound({ group: '', plural }, name)
  const { metadata } = found.object
  const uid = textAt(reference, 'uid')
  if (uid !== '' && uid !== metadata.uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`
    throw conflict({ group: '', plural: boundKind }, name, why)
  }
  const bound: BoundObject = { kind: boundKind, name, uid: metadata.uid ?? '' }
  return boundKind === 'Pod' ? { bound, ...nodeOfPod(call, found.object) } : { bound }
}

/** @throws StatusError 400 for a kind that tokens are not bound to in this version. */
function boundKindOf(reference: JsonObject, version: KubeVersion): BoundObject['kind'] {
  const kind = textAt(reference, 'kind')
  const [inGroup = '', group = ''] = textAt(reference, 'apiVersion').split('/').toReversed()
  if (group === '' && (kind === 'Pod' || kind === 'Secret')) return kind
  if (group === '' && kind === 'Node' && atLeast(version, '1.29')) {
    if (atLeast(version, '1.31')) return kind
    const gate = '"ServiceAccountTokenNodeBinding" feature-gate'
    throw badRequest(`cannot bind token to a Node object as the ${gate} is disabled`)
  }
  throw badRequest(`cannot bind token to object of type ${group}/${inGroup}, Kind=${kind}`)
}

function nodeOfPod(call: Call, object: Parameters<typeof asPod>[0]): { readonly node?: string } {
  const { spec } = asPod(object)
  const account = (spec as { readonly serviceAccountName?: string }).serviceAccountName
  if (account !== nameOf(call)) {
    throw badRequest(
      `cannot bind token for serviceaccount "${nameOf(call)}" to pod running with different serviceaccount name.`,
    )
  }
  return (spec.nodeName ?? '') === '' ? {} : { node: spec.nodeName ?? '' }
}
