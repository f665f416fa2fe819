import { timestamp } from '../domain/timestamp.ts'
import { BackgroundTasks } from './background-tasks.ts'
import type { ServerParts } from './call.ts'
import { isHeld, resourceId, type Kind } from './kind/kind.ts'
import { namespaces as namespaceKind, withoutFinalizer } from './kinds/namespaces.ts'
import { asJson } from './kube-object.ts'
import { withRemains, type Remaining } from './namespace-remains.ts'
import { deletion } from './rest/delete.ts'
import { sameJson } from './schema/same-json.ts'
import type { Change, Store } from './store/store.ts'

/** There from the start, as in any cluster. */
const initial = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/** Makes the namespaces that every cluster has, where they are missing. */
export async function makeInitialNamespaces({ store, now }: ServerParts): Promise<void> {
  await Promise.all(
    initial.map((name) =>
      store.write('namespaces', name, (latest): Change => {
        if (latest !== undefined) return { kind: 'keep' }
        const metadata = {
          name,
          uid: crypto.randomUUID(),
          creationTimestamp: timestamp(now()),
          labels: { 'kubernetes.io/metadata.name': name },
        }
        const spec = { finalizers: ['kubernetes'] }
        const status = { phase: 'Active' }
        const object = { kind: 'Namespace', apiVersion: 'v1', metadata, spec, status }
        return { kind: 'put', object }
      }),
    ),
  )
}

/**
 * Empties namespaces that are being deleted and removes them once nothing is
 * left, until the returned function is called. Driven by the changes themselves;
 * pods take the time that their node needs.
 */
export function followNamespaces(server: ServerParts): () => void {
  const { store, kinds } = server
  const namespaced = kinds.all().filter((kind) => kind.namespaced && kind.storedAs === undefined)
  const namespaces = store.collection('namespaces')
  const tasks = new BackgroundTasks(server.tellFailure)
  /** Those that are being emptied, and whether something has changed there since. */
  const busy = new Map<string, boolean>()
  const consider = (name: string) => {
    const isLeaving = namespaces.get(name)?.object.metadata.deletionTimestamp !== undefined
    if (!isLeaving) return
    if (busy.has(name)) {
      busy.set(name, true)
      return
    }
    busy.set(name, false)
    tasks.run(`namespace ${name}`, async () => {
      try {
        await emptyOut(server, namespaced, name)
      } finally {
        const changed = busy.get(name)
        busy.delete(name)
        if (changed === true) consider(name)
      }
    })
  }
  const unlisten = [
    namespaces.listen(({ current }) => consider(current.key)),
    ...namespaced.map((kind) =>
      store.collection(resourceId(kind)).listen(({ type, current }) => {
        if (type === 'DELETED') consider(current.object.metadata.namespace ?? '')
      }),
    ),
  ]
  for (const { key } of namespaces.list('')) consider(key)
  return () => {
    tasks[Symbol.dispose]()
    for (const stop of unlisten) stop()
  }
}

async function emptyOut(server: ServerParts, kinds: readonly Kind[], name: string): Promise<void> {
  const { store, now } = server
  const waiting = remainingIn(store, kinds, name).filter(
    ({ object }) => object.metadata.deletionTimestamp === undefined,
  )
  await Promise.all(
    waiting.map(({ kind, key }) =>
      store.write(resourceId(kind), key, (latest): Change => {
        if (latest === undefined) return { kind: 'keep' }
        return deletion(kind, latest.object, { propagation: 'Background' }, now())
      }),
    ),
  )
  const left = remainingIn(store, kinds, name)
  await (left.length > 0 ? tellRemains(server, name, left) : release(store, name))
}

function remainingIn(store: Store, kinds: readonly Kind[], name: string) {
  return kinds.flatMap((kind) =>
    store
      .collection(resourceId(kind))
      .list(`${name}/`)
      .map(({ key, object }) => ({ kind, key, object })),
  )
}

/** Says in the namespace's status what it waits for: nobody else would tell. */
async function tellRemains(
  { store, now }: ServerParts,
  name: string,
  left: readonly Remaining[],
): Promise<void> {
  await store.write('namespaces', name, (latest): Change => {
    if (latest?.object.metadata.deletionTimestamp === undefined) return { kind: 'keep' }
    const object = withRemains(latest.object, left, timestamp(now()))
    return object === latest.object ? { kind: 'keep' } : { kind: 'put', object }
  })
}

async function release(store: Store, name: string): Promise<void> {
  await store.write('namespaces', name, (latest): Change => {
    if (latest?.object.metadata.deletionTimestamp === undefined) return { kind: 'keep' }
    const object = withoutFinalizer(latest.object)
    if (!isHeld(namespaceKind, object)) return { kind: 'remove', object }
    return sameJson(asJson(latest.object), asJson(object))
      ? { kind: 'keep' }
      : { kind: 'put', object }
  })
}
