export interface Toleration {
  /** None stands for every key; the operator must then be Exists. */
  readonly key?: string
  /** @default Equal */
  readonly operator?: string
  readonly value?: string
  /** None stands for every effect. */
  readonly effect?: string
  readonly tolerationSeconds?: number
}

/** `key operator values`, asked of a node's labels or fields. */
export interface NodeSelectorRequirement {
  readonly key: string
  readonly operator: string
  readonly values?: readonly string[]
}

/** All of it must hold; a term that asks nothing holds nowhere. */
export interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeSelectorRequirement[]
  readonly matchFields?: readonly NodeSelectorRequirement[]
}

export interface NodeAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: {
    readonly nodeSelectorTerms: readonly NodeSelectorTerm[]
  }
}

/** Which objects are meant, by their labels; an empty one means all. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly NodeSelectorRequirement[]
}

/** Pods near which another one wants to be, or not. */
export interface PodAffinityTerm {
  /** None means no pod at all. */
  readonly labelSelector?: LabelSelector
  /** @default the pod's own */
  readonly namespaces?: readonly string[]
  readonly namespaceSelector?: LabelSelector
  /** Near are nodes that have the same value of this label. */
  readonly topologyKey: string
}

export interface PodAffinity {
  readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly PodAffinityTerm[]
}

export interface Affinity {
  readonly nodeAffinity?: NodeAffinity
  readonly podAffinity?: PodAffinity
  readonly podAntiAffinity?: PodAffinity
}
