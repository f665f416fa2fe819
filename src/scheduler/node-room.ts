import type { ResourceList } from '../domain/pod.ts'

export interface Taint {
  readonly key: string
  readonly value?: string
  readonly effect: string
}

/** A node as far as the placing of pods depends on it. */
export interface NodeRoom {
  readonly name: string
  readonly allocatable: ResourceList
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly Taint[]
  /** Cordoned. */
  readonly unschedulable: boolean
}
