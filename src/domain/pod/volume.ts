import type { ObjectFieldSelector, ResourceFieldSelector } from './env-source.ts'

/** What can be mounted into containers, as core/v1 has it. File modes are numbers: 0644 is 420. */

export interface KeyToPath {
  readonly key: string
  /** Relative, without `..`. */
  readonly path: string
  readonly mode?: number
}

export interface ConfigMapSource {
  readonly name?: string
  readonly items?: readonly KeyToPath[]
  readonly defaultMode?: number
  readonly optional?: boolean
}

export interface SecretSource {
  readonly secretName?: string
  readonly items?: readonly KeyToPath[]
  readonly defaultMode?: number
  readonly optional?: boolean
}

export interface DownwardFile {
  readonly path: string
  readonly fieldRef?: ObjectFieldSelector
  readonly resourceFieldRef?: ResourceFieldSelector
  readonly mode?: number
}

export interface DownwardSource {
  readonly items?: readonly DownwardFile[]
  readonly defaultMode?: number
}

/** One of them is set. */
export interface ProjectedPart {
  readonly configMap?: ConfigMapSource
  /** By `name` here, not `secretName`. */
  readonly secret?: ConfigMapSource
  readonly downwardAPI?: DownwardSource
  readonly serviceAccountToken?: {
    readonly audience?: string
    readonly expirationSeconds?: number
    readonly path: string
  }
}

/** One source is set beside the name. */
export interface Volume {
  readonly name: string
  readonly emptyDir?: { readonly medium?: string; readonly sizeLimit?: string }
  readonly hostPath?: { readonly path: string; readonly type?: string }
  readonly configMap?: ConfigMapSource
  readonly secret?: SecretSource
  readonly downwardAPI?: DownwardSource
  readonly projected?: {
    readonly sources?: readonly ProjectedPart[]
    readonly defaultMode?: number
  }
}

export interface VolumeMount {
  readonly name: string
  readonly mountPath: string
  readonly subPath?: string
  /** As `subPath`, with `$(NAME)` from the container's environment. */
  readonly subPathExpr?: string
  readonly readOnly?: boolean
  readonly mountPropagation?: string
}
