/** Where a container's environment comes from, as core/v1 has it. */

export interface KeySelector {
  readonly name?: string
  readonly key: string
  readonly optional?: boolean
}

/** A field of the pod itself: `metadata.name`, `metadata.labels['app']`, `status.podIP`. */
export interface ObjectFieldSelector {
  readonly fieldPath: string
}

/** A resource of one container: `limits.cpu`, `requests.memory`. */
export interface ResourceFieldSelector {
  /** In volumes required; in the environment it is the container itself without it. */
  readonly containerName?: string
  readonly resource: string
  /** The unit of the result. @default `0`, which means 1 */
  readonly divisor?: string
}

/** One of them is set. */
export interface EnvVarSource {
  readonly configMapKeyRef?: KeySelector
  readonly secretKeyRef?: KeySelector
  readonly fieldRef?: ObjectFieldSelector
  readonly resourceFieldRef?: ResourceFieldSelector
}

export interface NamedSource {
  readonly name?: string
  readonly optional?: boolean
}

/** Every key of a ConfigMap or Secret as a variable. */
export interface EnvFromSource {
  readonly prefix?: string
  readonly configMapRef?: NamedSource
  readonly secretRef?: NamedSource
}
