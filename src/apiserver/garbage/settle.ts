import type { ServerParts } from '../call.ts'
import { isReleased, resourceId, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { ownersOf, withOwners } from '../meta/owners.ts'
import {
  awaitsDependents,
  foregroundFinalizer,
  orphanFinalizer,
  orphansDependents,
  withoutFinalizer,
} from '../meta/propagation.ts'
import { deletion } from '../rest/delete.ts'
import type { Change } from '../store/store.ts'
import { ownerState, type Dependents, type Place } from './dependents.ts'

/**
 * Does with one object what its owners, and its own deletion, ask for.
 *
 * @see Kubernetes pkg/controller/garbagecollector, attemptToDeleteItem and attemptToOrphan
 */
export async function settle(
  server: ServerParts,
  dependents: Dependents,
  { kind, key }: Place,
): Promise<void> {
  const found = server.store.latest(resourceId(kind), key)?.object
  if (found !== undefined && orphansDependents(found.metadata)) {
    await orphan(server, dependents, found.metadata.uid ?? '')
  }
  await server.store.write(resourceId(kind), key, (latest): Change => {
    if (latest === undefined) return { kind: 'keep' }
    const { object } = latest
    if (object.metadata.deletionTimestamp === undefined) {
      return byOwners(server, dependents, kind, object)
    }
    const finalizer = doneWith(dependents, object)
    return finalizer === undefined ? { kind: 'keep' } : without(kind, object, finalizer)
  })
}

/** Takes the owner out of all its dependents, so that they stay when it goes. */
async function orphan(server: ServerParts, dependents: Dependents, uid: string): Promise<void> {
  await Promise.all(
    dependents.of(uid).map(({ kind, key }) =>
      server.store.write(resourceId(kind), key, (latest): Change => {
        const owners = latest === undefined ? [] : ownersOf(latest.object)
        const left = owners.filter((owner) => owner.uid !== uid)
        if (latest === undefined || left.length === owners.length) return { kind: 'keep' }
        return { kind: 'put', object: withOwners(latest.object, left) }
      }),
    ),
  )
}

/** The finalizer of a deleted object that need not hold it any longer. */
function doneWith(dependents: Dependents, { metadata }: KubeObject): string | undefined {
  const { uid = '' } = metadata
  const left = dependents.of(uid).map(({ object }) => object)
  if (orphansDependents(metadata) && left.length === 0) return orphanFinalizer
  const blocked = left.some((object) => {
    return ownersOf(object).some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true)
  })
  return awaitsDependents(metadata) && !blocked ? foregroundFinalizer : undefined
}

function without(kind: Kind, before: KubeObject, finalizer: string): Change {
  const object = { ...before, metadata: withoutFinalizer(before.metadata, finalizer) }
  return isReleased(kind, before, object) ? { kind: 'remove', object } : { kind: 'put', object }
}

function byOwners(
  server: ServerParts,
  dependents: Dependents,
  kind: Kind,
  object: KubeObject,
): Change {
  const owners = ownersOf(object)
  const states = owners.map((owner) => ownerState(server, object, owner))
  if (states.every((state) => state === 'solid')) return { kind: 'keep' }
  if (states.includes('solid')) {
    const solid = owners.filter((_, index) => states[index] === 'solid')
    return { kind: 'put', object: withOwners(object, solid) }
  }
  const own = dependents.of(object.metadata.uid ?? '')
  if (!states.includes('leaving') || own.length === 0) {
    return deletion(kind, object, {}, server.now())
  }
  // In a circle of owners everybody would wait for the others.
  const circle = own.some((one) => awaitsDependents(one.object.metadata))
  const free = owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }))
  const leaving = circle ? withOwners(object, free) : object
  return deletion(kind, leaving, { propagation: 'Foreground' }, server.now())
}
