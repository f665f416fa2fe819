import type { ServerParts } from '../call.ts'
import { objectKey, resourceId, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { ownersOf, type OwnerReference } from '../meta/owners.ts'
import { awaitsDependents } from '../meta/propagation.ts'

/** Where an object is. */
export interface Place {
  readonly kind: Kind
  readonly key: string
}

/** Which objects name which owner. */
export class Dependents {
  readonly #server: ServerParts
  /** By the owner's UID; what is in it may be gone already, or have other owners by now. */
  readonly #places = new Map<string, Map<string, Place>>()

  constructor(server: ServerParts) {
    this.#server = server
  }

  note(kind: Kind, key: string, object: KubeObject): void {
    for (const { uid } of ownersOf(object)) {
      const places = this.#places.get(uid) ?? new Map<string, Place>()
      places.set(`${resourceId(kind)} ${key}`, { kind, key })
      this.#places.set(uid, places)
    }
  }

  /** To be called when the owner is gone and its dependents were looked at. */
  forget(uid: string): void {
    this.#places.delete(uid)
  }

  /** What names this owner now, as it is now. */
  of(uid: string): readonly (Place & { readonly object: KubeObject })[] {
    const found = []
    for (const [id, place] of this.#places.get(uid) ?? []) {
      const object = this.#server.store.latest(resourceId(place.kind), place.key)?.object
      if (object !== undefined && ownersOf(object).some((owner) => owner.uid === uid)) {
        found.push({ ...place, object })
      } else {
        this.#places.get(uid)?.delete(id)
      }
    }
    return found
  }
}

/**
 * What an owner means to its dependent: `solid` keeps it, `leaving` waits for its
 * dependents to go first, `gone` is not there, or no longer the same object.
 */
export type OwnerState = 'solid' | 'leaving' | 'gone'

/** Owners of kinds that this server does not have, and such as cannot be looked up, count as solid. */
export function ownerState(
  server: ServerParts,
  dependent: KubeObject,
  owner: OwnerReference,
): OwnerState {
  const place = placeOf(server, dependent, owner)
  if (place === undefined) return 'solid'
  const found = server.store.latest(resourceId(place.kind), place.key)?.object
  if (found === undefined || found.metadata.uid !== owner.uid) return 'gone'
  return awaitsDependents(found.metadata) ? 'leaving' : 'solid'
}

/** Where the owner is if it is there; undefined where nobody can say. */
export function placeOf(
  { kinds }: ServerParts,
  dependent: KubeObject,
  owner: OwnerReference,
): Place | undefined {
  const [version = '', group = ''] = owner.apiVersion.split('/').toReversed()
  const kind = kinds
    .ofVersion(group, version)
    .find((one) => one.kind === owner.kind && one.storedAs === undefined)
  if (kind === undefined) return undefined
  const { namespace } = dependent.metadata
  if (kind.namespaced && namespace === undefined) return undefined
  return { kind, key: objectKey(kind, namespace, owner.name) }
}
