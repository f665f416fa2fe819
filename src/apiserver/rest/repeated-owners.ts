import type { Call } from '../call.ts'
import type { KubeObject, KubeMeta } from '../kube-object.ts'

type Owner = NonNullable<KubeMeta['ownerReferences']>[number]

/**
 * The metadata with each owner once; a client that names one twice is warned.
 *
 * @see Kubernetes apiserver/pkg/endpoints/handlers/rest.go, dedupOwnerReferencesAndAddWarning
 */
export function withoutRepeatedOwners(
  { request, warnings }: Pick<Call, 'request' | 'warnings'>,
  meta: KubeObject['metadata'],
): KubeObject['metadata'] {
  const { ownerReferences: owners = [] } = meta
  if (owners.length < 2) return meta
  const known = new Map(owners.toReversed().map((owner) => [textOf(owner), owner]))
  if (known.size === owners.length) return meta
  const isFirst = (owner: Owner) => known.get(textOf(owner)) === owner
  const repeated = owners.filter((owner) => !isFirst(owner)).map(({ uid }) => uid)
  const when = request.method === 'PATCH' ? ' after mutating admission happens' : ''
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: [${repeated.join(' ')}]`,
  )
  return { ...meta, ownerReferences: owners.filter(isFirst) }
}

/** The same for two that say the same, in whatever order. */
function textOf({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: Owner): string {
  return JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion])
}
