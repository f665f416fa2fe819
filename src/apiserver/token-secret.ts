import { asJson, type KubeObject } from './kube-object.ts'
import { objectAt, textAt } from './schema/read-json.ts'

/** The type of secrets that keep a token of a service account. */
export const tokenSecretType = 'kubernetes.io/service-account-token'

/** Names the account that a token in a secret is for. */
export const accountNameAnnotation = 'kubernetes.io/service-account.name'
const accountUidAnnotation = 'kubernetes.io/service-account.uid'

/** Whether a secret keeps, or is to keep, a token of this very account. */
export function isTokenSecretOf(secret: KubeObject, account: KubeObject): boolean {
  if (textAt(asJson(secret), 'type') !== tokenSecretType) return false
  const { annotations, namespace } = secret.metadata
  const uid = annotations?.[accountUidAnnotation] ?? ''
  return (
    namespace === account.metadata.namespace &&
    annotations?.[accountNameAnnotation] === account.metadata.name &&
    (uid === '' || uid === account.metadata.uid)
  )
}

/** The token that a secret keeps; undefined where it has none. */
export function tokenIn(secret: KubeObject | undefined): string | undefined {
  if (secret === undefined) return undefined
  const encoded = textAt(objectAt(asJson(secret), 'data') ?? {}, 'token')
  return encoded === '' ? undefined : Buffer.from(encoded, 'base64').toString()
}

/**
 * The secret with what a client in the name of the account needs: a token, the namespace, and the
 * certificate by which it knows this server.
 *
 * @param authority that certificate as PEM, where there is one.
 * @see Kubernetes pkg/controller/serviceaccount/tokens_controller.go, generateTokenIfNeeded
 */
export function withToken(
  secret: KubeObject,
  account: KubeObject,
  newToken: () => string,
  authority: string | undefined,
): KubeObject {
  const { metadata } = secret
  const data = objectAt(asJson(secret), 'data') ?? {}
  const kept = (key: string) => (textAt(data, key) === '' ? undefined : data[key])
  return {
    ...secret,
    metadata: {
      ...metadata,
      annotations: { ...metadata.annotations, [accountUidAnnotation]: account.metadata.uid ?? '' },
    },
    data: {
      ...data,
      ...(authority !== undefined && { 'ca.crt': encode(authority) }),
      namespace: kept('namespace') ?? encode(metadata.namespace ?? ''),
      token: kept('token') ?? encode(newToken()),
    },
  } as KubeObject
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}
