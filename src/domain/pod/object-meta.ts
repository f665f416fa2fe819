/** Who wrote some of an object's fields, and when. */
export interface ManagedFields {
  readonly manager?: string
  /** RFC 3339. */
  readonly time?: string
  readonly subresource?: string
  readonly fieldsV1?: object
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
  /** Counts changes of the spec: 1 at creation (Kubernetes 1.33+). */
  readonly generation?: number
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly deletionGracePeriodSeconds?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly finalizers?: readonly string[]
  readonly managedFields?: readonly ManagedFields[]
  readonly ownerReferences?: readonly Readonly<Record<string, unknown>>[]
}
