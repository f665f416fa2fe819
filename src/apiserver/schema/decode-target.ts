import type { ObjectType } from './object-type.ts'

/** What a body must be. */
export interface DecodeTarget {
  readonly type: ObjectType
  /** `v1` or `coordination.k8s.io/v1` */
  readonly apiVersion: string
  /** Earlier versions of the same form, which are taken for this one. @default none */
  readonly alsoVersions?: readonly string[]
  readonly kind: string
}
