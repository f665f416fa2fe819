import type { Kind } from '../kinds/kind.ts'
import type { KubeMeta } from '../kube-object.ts'
import { conflict } from '../status-error.ts'

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
  kind: Kind,
  found: KubeMeta,
  { uid = '', resourceVersion = '' }: Preconditions,
): void {
  const failed = (what: string, wanted: string, is: string | undefined) =>
    conflict(
      kind,
      found.name,
      `Precondition failed: ${what} in precondition: ${wanted}, ${what} in object meta: ${is ?? ''}`,
    )
  if (uid !== '' && uid !== found.uid) throw failed('UID', uid, found.uid)
  if (resourceVersion !== '' && resourceVersion !== found.resourceVersion) {
    throw failed('ResourceVersion', resourceVersion, found.resourceVersion)
  }
}
