import { BackgroundTasks } from '../background-tasks.ts'
import type { ServerParts } from '../call.ts'
import { resourceId, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { ownersOf } from '../meta/owners.ts'
import { awaitsDependents, orphansDependents } from '../meta/propagation.ts'
import type { StoreEvent } from '../store/stored.ts'
import { Dependents, ownerState, placeOf, type Place } from './dependents.ts'
import { settle } from './settle.ts'

/**
 * Deletes objects whose owners are all gone, takes gone owners out of the others,
 * and lets objects that are deleted in the foreground or as owners of orphans go
 * when their time has come, until the returned function is called.
 */
export function collectGarbage(server: ServerParts): () => void {
  const { store, kinds } = server
  const stored = kinds.all().filter((kind) => kind.storedAs === undefined)
  const dependents = new Dependents(server)
  const tasks = new BackgroundTasks(server.tellFailure)
  const look = (place: Place) => {
    tasks.run(`${resourceId(place.kind)} ${place.key}`, () => settle(server, dependents, place))
  }
  const seen = (place: Place, object: KubeObject) => {
    dependents.note(place.kind, place.key, object)
    const leaving = awaitsDependents(object.metadata)
    const lost = ownersOf(object).some((owner) => ownerState(server, object, owner) !== 'solid')
    if (leaving || lost || orphansDependents(object.metadata)) look(place)
    if (leaving) dependents.of(object.metadata.uid ?? '').forEach(look)
  }
  /** Owners that may have waited for what was changed. */
  const lookAtOwners = (object: KubeObject) => {
    for (const owner of ownersOf(object)) {
      const place = placeOf(server, object, owner)
      if (place !== undefined && ownerState(server, object, owner) === 'leaving') look(place)
    }
  }
  const gone = ({ metadata: { uid = '' } }: KubeObject) => {
    const left = dependents.of(uid)
    dependents.forget(uid)
    left.forEach(look)
  }
  const changed = (kind: Kind, { type, current, previous }: StoreEvent) => {
    if (previous !== undefined) lookAtOwners(previous.object)
    if (type === 'DELETED') gone(current.object)
    else if (concerns(current.object)) seen({ kind, key: current.key }, current.object)
  }
  const unlisten = stored.map((kind) =>
    store.collection(resourceId(kind)).listen((event) => changed(kind, event)),
  )
  const all = stored.flatMap((kind) =>
    store
      .collection(resourceId(kind))
      .list('')
      .map(({ key, object }) => ({ kind, key, object })),
  )
  for (const { kind, key, object } of all) dependents.note(kind, key, object)
  for (const { object, ...place } of all) if (concerns(object)) seen(place, object)
  return () => {
    tasks[Symbol.dispose]()
    for (const stop of unlisten) stop()
  }
}

function concerns({ metadata }: KubeObject): boolean {
  return metadata.ownerReferences !== undefined || metadata.deletionTimestamp !== undefined
}
