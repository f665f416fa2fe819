import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import { ensureObject } from './ensure-object.ts'
import { asJson } from './kube-object.ts'
import { sameJson } from './schema/same-json.ts'
import type { Change } from './store/store.ts'

const rootCa = 'kube-root-ca.crt'

/**
 * Keeps in every namespace what clusters have there: the service account
 * `default` and the ConfigMap with the certificate by which pods know this
 * server. Until the returned function is called.
 *
 * The ConfigMap is put right, too, where it says something else: somebody has changed it, or the
 * certificate was made anew since.
 *
 * @param authority the certificate as PEM; without one there is no ConfigMap.
 * @see Kubernetes pkg/controller/certificates/rootcacertpublisher/publisher.go
 */
export function fillNamespaces(server: ServerParts, authority: string | undefined): () => void {
  const namespaces = server.store.collection('namespaces')
  const tasks = new BackgroundTasks(server.tellFailure)
  const fill = (name: string) => {
    tasks.run(`what namespace ${name} has from the start`, async () => {
      const found = namespaces.get(name)?.object
      const isOpen = found !== undefined && found.metadata.deletionTimestamp === undefined
      if (isOpen) await fillOne(server, name, authority)
    })
  }
  const unlisten = [
    namespaces.listen(({ type, current }) => {
      if (type === 'ADDED') fill(current.key)
    }),
    server.store.collection('serviceaccounts').listen(({ type, current }) => {
      const { name, namespace } = current.object.metadata
      if (type === 'DELETED' && name === 'default') fill(namespace ?? '')
    }),
    server.store.collection('configmaps').listen(({ type, current }) => {
      const { name, namespace } = current.object.metadata
      if (type !== 'ADDED' && name === rootCa) fill(namespace ?? '')
    }),
  ]
  for (const { key } of namespaces.list('')) fill(key)
  return () => {
    tasks[Symbol.dispose]()
    for (const stop of unlisten) stop()
  }
}

async function fillOne(
  server: ServerParts,
  namespace: string,
  authority: string | undefined,
): Promise<void> {
  const account = { name: 'default', namespace }
  await Promise.all([
    ensureObject(server, 'serviceaccounts', {
      kind: 'ServiceAccount',
      apiVersion: 'v1',
      metadata: account,
    }),
    authority === undefined ? undefined : publish(server, namespace, authority),
  ])
}

async function publish(server: ServerParts, namespace: string, authority: string): Promise<void> {
  const metadata = { name: rootCa, namespace }
  const said = { data: { 'ca.crt': authority } }
  const map = { kind: 'ConfigMap', apiVersion: 'v1', metadata, ...said }
  await ensureObject(server, 'configmaps', map)
  await server.store.write('configmaps', `${namespace}/${rootCa}`, (latest): Change => {
    if (latest === undefined) return { kind: 'keep' }
    const object = { ...latest.object, ...said }
    return sameJson(asJson(latest.object), asJson(object))
      ? { kind: 'keep' }
      : { kind: 'put', object }
  })
}
