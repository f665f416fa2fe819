import type { ObjectMeta } from '../../domain/pod.ts'

/** What every Kubernetes object has. Objects stay plain JSON; unknown fields pass through. */
export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

export interface KubeList<T extends KubeObject = KubeObject> {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: {
    /** The state of the collection that this list shows: where a watch goes on. */
    readonly resourceVersion?: string
    /** Where the next page begins, if there is one. */
    readonly continue?: string
    readonly remainingItemCount?: number
  }
  readonly items: readonly T[]
}

/** `namespace/name`, or `name` of an object without a namespace, as client-go keys its caches. */
export function objectKey({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`
}
