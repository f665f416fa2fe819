import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import { secrets as secretKind } from './kinds/stored-only.ts'
import { asJson, type KubeObject } from './kube-object.ts'
import { deletion } from './rest/delete.ts'
import { sameJson } from './schema/same-json.ts'
import type { Change } from './store/store.ts'
import {
  accountNameAnnotation,
  isTokenSecretOf,
  tokenSecretType,
  withToken,
} from './token-secret.ts'

/**
 * Puts tokens that do not expire into the secrets that are made for them, and removes those
 * secrets whose account is gone, until the returned function is called.
 *
 * @param authority the certificate by which clients know this server, as PEM.
 * @see Kubernetes pkg/controller/serviceaccount/tokens_controller.go
 */
export function fillTokenSecrets(server: ServerParts, authority: string | undefined): () => void {
  const secrets = server.store.collection('secrets')
  const tasks = new BackgroundTasks(server.tellFailure)
  const consider = (key: string, object: KubeObject) => {
    if ((object as { readonly type?: string }).type !== tokenSecretType) return
    tasks.run(`the token in secret ${key}`, () => fillOne(server, key, authority))
  }
  const unlisten = [
    secrets.listen(({ type, current }) => {
      if (type !== 'DELETED') consider(current.key, current.object)
    }),
    server.store.collection('serviceaccounts').listen(({ type, current }) => {
      if (type !== 'DELETED') return
      const namespace = current.object.metadata.namespace ?? ''
      for (const { key, object } of secrets.list(`${namespace}/`)) consider(key, object)
    }),
  ]
  for (const { key, object } of secrets.list('')) consider(key, object)
  return () => {
    tasks[Symbol.dispose]()
    for (const stop of unlisten) stop()
  }
}

async function fillOne(
  { store, tokens, now }: ServerParts,
  key: string,
  authority: string | undefined,
): Promise<void> {
  await store.write('secrets', key, (latest): Change => {
    if (latest === undefined || latest.object.metadata.deletionTimestamp !== undefined) {
      return { kind: 'keep' }
    }
    const secret = latest.object
    const { annotations, name, namespace } = secret.metadata
    const accountKey = `${namespace}/${annotations?.[accountNameAnnotation] ?? ''}`
    const account = store.collection('serviceaccounts').get(accountKey)?.object
    if (account === undefined || !isTokenSecretOf(secret, account)) {
      return deletion(secretKind, secret, { propagation: 'Background' }, now())
    }
    const filled = withToken(secret, account, () => tokens.issueKept(account, name), authority)
    return sameJson(asJson(secret), asJson(filled))
      ? { kind: 'keep' }
      : { kind: 'put', object: filled }
  })
}
