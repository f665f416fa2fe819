import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import type { AskedAccess } from './needed-access.ts'

/** What the server says about itself and about this user. */
export interface ServerFacts {
  readonly server: string
  readonly gitVersion: string
  /** Milliseconds of one answer. */
  readonly answeredInMs: number
  /** Verbs by resource of the core group: `pods/resize` has `patch`. */
  readonly verbs: ReadonlyMap<string, readonly string[]>
  readonly access: readonly AskedAccess[]
  /** Why not, where it may not be asked. */
  readonly nodes: readonly NodeAnswer[] | { readonly why: string }
}

export interface NodeAnswer {
  readonly name: string
  readonly kubeletVersion: string
  readonly runtimeVersion: string
  readonly os: string
  readonly ready: boolean
  /** The kubelet's own configuration, or why it cannot be read. */
  readonly kubelet: KubeletSight
}
