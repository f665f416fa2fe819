/** Quantities as text by resource name: `{ cpu: '500m', memory: '1Gi' }`. */
export type ResourceList = Readonly<Record<string, string>>

export interface ResourceRequirements {
  readonly requests?: ResourceList
  readonly limits?: ResourceList
  readonly claims?: readonly Readonly<Record<string, unknown>>[]
}

export interface ContainerResizePolicy {
  readonly resourceName: string
  readonly restartPolicy: string
}
