import { resourceId } from './kinds/kind.ts'
import { ownersOf, withOwners } from './meta/owners.ts'
import type { ServerParts } from './rest/call.ts'
import type { Change } from './store/store.ts'

/**
 * Takes the object with this UID out of the owners of all others, so that they stay when
 * it goes: `propagationPolicy: Orphan`. To be called in the turn that deletes it.
 */
export function orphanDependents({ store, kinds }: ServerParts, uid: string): void {
  for (const kind of kinds.all().filter((one) => one.storedAs === undefined)) {
    const resource = resourceId(kind)
    for (const { key, object } of store.listLatest(resource, '')) {
      if (!ownersOf(object).some((owner) => owner.uid === uid)) continue
      const write = store.write(resource, key, (latest): Change => {
        if (latest === undefined) return { kind: 'keep' }
        const left = ownersOf(latest.object).filter((owner) => owner.uid !== uid)
        return { kind: 'put', object: withOwners(latest.object, left) }
      })
      // It is in one commit with the deletion; whoever deletes is told.
      write.catch(() => undefined)
    }
  }
}
