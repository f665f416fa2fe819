import { objectKey, resourceId, type Kind } from './kinds/kind.ts'
import type { KubeObject } from './kube-object.ts'
import { ownersOf, withOwners, type OwnerReference } from './meta/owners.ts'
import type { ServerParts } from './rest/call.ts'
import { deletion } from './rest/delete.ts'
import type { Change } from './store/store.ts'

interface Place {
  readonly kind: Kind
  readonly key: string
}

/**
 * Deletes objects whose owners are all gone, and takes gone owners out of the
 * others, until the returned function is called. Owners of kinds that this server
 * does not have count as there.
 */
export function collectGarbage(server: ServerParts): () => void {
  const { store, kinds } = server
  const stored = kinds.all().filter((kind) => kind.storedAs === undefined)
  /** By the owner's UID; what is in it may be gone already. */
  const owned = new Map<string, Map<string, Place>>()
  const look = ({ kind, key }: Place) => {
    // A closed store is the one thing that can go wrong here; the next start looks again.
    settle(server, kind, key).catch(() => undefined)
  }
  const note = (kind: Kind, key: string, object: KubeObject) => {
    const owners = ownersOf(object)
    for (const { uid } of owners) {
      const places = owned.get(uid) ?? new Map<string, Place>()
      places.set(`${resourceId(kind)} ${key}`, { kind, key })
      owned.set(uid, places)
    }
    if (owners.some((owner) => !isThere(server, object, owner))) look({ kind, key })
  }
  const forget = ({ metadata }: KubeObject) => {
    const places = owned.get(metadata.uid ?? '')
    owned.delete(metadata.uid ?? '')
    for (const place of places?.values() ?? []) look(place)
  }
  const unlisten = stored.map((kind) =>
    store.collection(resourceId(kind)).listen(({ type, current }) => {
      if (type === 'DELETED') forget(current.object)
      else if (current.object.metadata.ownerReferences !== undefined) {
        note(kind, current.key, current.object)
      }
    }),
  )
  for (const kind of stored) {
    for (const { key, object } of store.collection(resourceId(kind)).list('')) {
      note(kind, key, object)
    }
  }
  return () => {
    for (const stop of unlisten) stop()
  }
}

async function settle(server: ServerParts, kind: Kind, key: string): Promise<void> {
  await server.store.write(resourceId(kind), key, (latest): Change => {
    if (latest === undefined) return { kind: 'keep' }
    const { object } = latest
    const owners = ownersOf(object)
    const left = owners.filter((owner) => isThere(server, object, owner))
    if (left.length === owners.length) return { kind: 'keep' }
    if (left.length === 0) {
      return object.metadata.deletionTimestamp === undefined
        ? deletion(kind, object, undefined, server.now())
        : { kind: 'keep' }
    }
    return { kind: 'put', object: withOwners(object, left) }
  })
}

function isThere(
  { store, kinds }: ServerParts,
  object: KubeObject,
  owner: OwnerReference,
): boolean {
  const [version = '', group = ''] = owner.apiVersion.split('/').toReversed()
  const kind = kinds
    .ofVersion(group, version)
    .find((one) => one.kind === owner.kind && one.storedAs === undefined)
  if (kind === undefined) return true
  const key = objectKey(kind, object.metadata.namespace, owner.name)
  return store.latest(resourceId(kind), key)?.object.metadata.uid === owner.uid
}
