import type { Kind } from '../kind/kind.ts'
import type { KubeMeta } from '../kube-object.ts'
import { conflict, type ResourceName } from '../status-error.ts'

/** What a client says of the object it means; absent or empty: whatever it is. */
export interface Preconditions {
  readonly uid?: string
  readonly resourceVersion?: string
}

/**
 * Refuses a client that means an earlier object of the same name, or an earlier version.
 *
 * @throws StatusError 409
 * @see Kubernetes apiserver/pkg/storage/interfaces.go, Preconditions.Check
 */
export function checkPreconditions(
  resource: ResourceName,
  found: KubeMeta,
  { uid = '', resourceVersion = '' }: Preconditions,
): void {
  const failed = (what: string, wanted: string, is: string | undefined) =>
    conflict(
      resource,
      found.name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${is ?? ''}`,
    )
  if (uid !== '' && uid !== found.uid) throw failed('UID', uid, found.uid)
  if (resourceVersion !== '' && resourceVersion !== found.resourceVersion) {
    throw failed('ResourceVersion', resourceVersion, found.resourceVersion)
  }
}

/**
 * The same for a deletion, which says it in other words and takes an empty text for one that
 * nothing has.
 *
 * @throws StatusError 409
 * @see Kubernetes apiserver/pkg/registry/rest/delete.go, BeforeDelete
 */
export function checkDeletable(
  { group, kind }: Kind,
  found: KubeMeta,
  { uid, resourceVersion }: Preconditions,
): void {
  const failed = (what: string, wanted: string, is: string | undefined, hint: string) =>
    // Kubernetes fills in the kind where the resource belongs.
    conflict(
      { group, plural: kind },
      found.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${is ?? ''}). The object might have been ${hint}`,
    )
  if (uid !== undefined && uid !== found.uid) {
    throw failed('UID', uid, found.uid, 'deleted and then recreated')
  }
  if (resourceVersion !== undefined && resourceVersion !== found.resourceVersion) {
    throw failed('ResourceVersion', resourceVersion, found.resourceVersion, 'modified')
  }
}
