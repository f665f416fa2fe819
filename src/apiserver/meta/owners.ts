import { invalid, type FieldError } from '../../domain/field-error.ts'
import type { KubeMeta, KubeObject } from '../kube-object.ts'

/** An object that another one goes with. */
export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
  /** Whether a foreground deletion of the owner waits for this dependent. @default false */
  readonly blockOwnerDeletion?: boolean
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

const field = 'metadata.ownerReferences'

/** @see Kubernetes apimachinery pkg/api/validation/objectmeta.go, ValidateOwnerReferences */
export function ownerErrors(meta: KubeMeta): readonly FieldError[] {
  const owners = (meta.ownerReferences ?? []) as unknown as readonly Partial<OwnerReference>[]
  const errors = owners.flatMap(referenceErrors)
  const [first, ...more] = owners.filter(({ controller }) => controller === true)
  const name = (owner: Partial<OwnerReference> | undefined) => `${owner?.kind}/${owner?.name}`
  for (const other of more) {
    const why = `Only one reference can have Controller set to true. Found "true" in references for ${name(first)} and ${name(other)}`
    errors.push(invalid(field, owners, why))
  }
  return errors
}

function referenceErrors(owner: Partial<OwnerReference>): FieldError[] {
  const { apiVersion = '', kind = '', name = '', uid = '' } = owner
  const errors = []
  if (apiVersion.split('/').at(-1) === '') {
    errors.push(invalid(`${field}.apiVersion`, apiVersion, 'version must not be empty'))
  }
  for (const [key, value] of Object.entries({ kind, name, uid })) {
    if (value === '') errors.push(invalid(`${field}.${key}`, value, 'must not be empty'))
  }
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalid(field, owner, '/v1, Kind=Event is disallowed from being an owner'))
  }
  return errors
}
