import { type Pod } from '../../domain/pod.ts'

export interface PodRef {
  readonly namespace: string
  readonly name: string
}

/** A no of the API server: validation, admission, quota, missing permission. */
export interface ApiRefusal {
  /** The HTTP status, 4xx. */
  readonly code: number
  /** Kubernetes' word for it: `Invalid`, `Forbidden`. */
  readonly reason: string
  /** The server's own text. */
  readonly message: string
  readonly causes: readonly RefusalCause[]
}

export interface RefusalCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

export type ReadAnswer = { readonly kind: 'pod'; readonly pod: Pod } | { readonly kind: 'missing' }

export type PatchAnswer =
  | ReadAnswer
  | { readonly kind: 'refused'; readonly refusal: ApiRefusal }
  /** The server does not know `pods/resize` (Kubernetes before 1.32). */
  | { readonly kind: 'noSubresource' }

/** What a watch of one pod shows: its state now, then each newer one. */
export type Sighting = { readonly kind: 'pod'; readonly pod: Pod } | { readonly kind: 'missing' }

/** A strategic merge patch that holds only the values that change. */
export interface ResizePatch {
  readonly spec: {
    readonly containers?: readonly ContainerPatch[]
    readonly initContainers?: readonly ContainerPatch[]
    /** The pod's own size. */
    readonly resources?: ResourcesPatch
  }
}

export interface ContainerPatch {
  readonly name: string
  readonly resources: ResourcesPatch
}

/** In a strategic merge patch, null takes a value away. */
export interface ResourcesPatch {
  readonly requests?: Readonly<Record<string, string | null>>
  readonly limits?: Readonly<Record<string, string | null>>
}

/** Which pods to list. */
export interface PodSelection {
  /** Without it: all namespaces. */
  readonly namespace?: string | undefined
  /** `app=web,tier!=db` */
  readonly labelSelector?: string | undefined
}

/** The pods of a cluster. Calls throw only when no answer can be had. */
export interface PodClient {
  read(ref: PodRef, signal: AbortSignal): Promise<ReadAnswer>
  list(selection: PodSelection, signal: AbortSignal): Promise<readonly Pod[]>
  patch(
    ref: PodRef,
    patch: ResizePatch,
    how: { readonly subresource: 'resize' | undefined; readonly dryRun: boolean },
    signal: AbortSignal,
  ): Promise<PatchAnswer>
  /**
   * Sightings of one pod, the first one at once. Ends only by `signal`; a broken
   * connection is opened again without a sighting being lost.
   */
  watch(ref: PodRef, signal: AbortSignal): AsyncIterable<Sighting>
}
