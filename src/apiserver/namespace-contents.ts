import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import { ensureObject } from './ensure-object.ts'
import type { KubeObject } from './kube-object.ts'

const rootCa = 'kube-root-ca.crt'

/**
 * Keeps in every namespace what clusters have there: the service account
 * `default` and the ConfigMap with the certificate by which pods know this
 * server. Until the returned function is called.
 *
 * @param authority the certificate as PEM; without one there is no ConfigMap.
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
  const refill = ({ type, current }: { type: string; current: { object: KubeObject } }) => {
    const { name, namespace } = current.object.metadata
    if (type === 'DELETED' && (name === 'default' || name === rootCa)) fill(namespace ?? '')
  }
  const unlisten = [
    namespaces.listen(({ type, current }) => {
      if (type === 'ADDED') fill(current.key)
    }),
    server.store.collection('serviceaccounts').listen(refill),
    server.store.collection('configmaps').listen(refill),
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
  const account = { kind: 'ServiceAccount', apiVersion: 'v1' }
  const writes = [
    ensureObject(server, 'serviceaccounts', {
      ...account,
      metadata: { name: 'default', namespace },
    }),
  ]
  if (authority !== undefined) {
    const map = { kind: 'ConfigMap', apiVersion: 'v1', data: { 'ca.crt': authority } }
    const metadata = { name: rootCa, namespace }
    writes.push(ensureObject(server, 'configmaps', { ...map, metadata }))
  }
  await Promise.all(writes)
}
