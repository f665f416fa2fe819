/** A namespace that is the pod's, the container's own or the node's. */
export interface NamespaceOptions {
  readonly network: 'pod' | 'node'
  readonly pid: 'pod' | 'container' | 'node'
  readonly ipc: 'pod' | 'node'
}

/** What a seccomp or AppArmor profile is taken from. */
export type SecurityProfile =
  | { readonly kind: 'runtimeDefault' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'localhost'; readonly ref: string }

/** What sandboxes and containers have in common. */
export interface SecurityContext {
  readonly namespaceOptions: NamespaceOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: 'merge' | 'strict'
  readonly privileged?: boolean
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
}
