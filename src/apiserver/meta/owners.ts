import type { KubeObject } from '../kube-object.ts'

/** An object that another one goes with. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

export function ownersOf({ metadata }: KubeObject): readonly OwnerReference[] {
  return (metadata.ownerReferences ?? []) as unknown as readonly OwnerReference[]
}

export function withOwners(object: KubeObject, owners: readonly OwnerReference[]): KubeObject {
  const { ownerReferences: _ownerReferences, ...rest } = object.metadata
  const ownerReferences = owners.map((owner) => ({ ...owner }))
  return {
    ...object,
    metadata: owners.length === 0 ? rest : { ...rest, ownerReferences },
  }
}
