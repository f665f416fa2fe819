import type { NodeAbilities } from '../../domain/resize/admission/infeasible.ts'

/** The part of a kubelet's configuration that decides about resizes, and how cgroup files look after them. */
export interface KubeletPolicies {
  readonly cpuManagerPolicy?: string
  readonly memoryManagerPolicy?: string
  readonly swapBehavior?: string
  readonly cgroupDriver?: string
  /** Where the kubelet tells it. */
  readonly cgroupVersion?: 'v1' | 'v2'
  /** Whether CPU limits become quotas. @default true */
  readonly cpuCFSQuota?: boolean
  /** How MemoryQoS protects memory, from 1.36 on; before it protects every request hard. */
  readonly memoryReservationPolicy?: string
  /** @default 0.9 */
  readonly memoryThrottlingFactor?: number
  readonly featureGates?: Readonly<Record<string, boolean>>
}

/** What a kubelet says of itself, or why it cannot be asked. */
export type KubeletSight = KubeletPolicies | { readonly why: string }

/**
 * Asks the kubelet of a node.
 *
 * @throws only the reason of `signal`.
 */
export type KubeletOf = (node: string, signal: AbortSignal) => Promise<KubeletSight>

/** What a kubelet says of itself; undefined where it cannot be asked. */
export function toldBy(kubelet: KubeletSight | undefined): KubeletPolicies | undefined {
  return kubelet === undefined || 'why' in kubelet ? undefined : kubelet
}

/** Whether CPU limits become quotas on the node; taken for granted where its kubelet cannot be asked. */
export function enforcesCpuLimits(kubelet: KubeletSight | undefined): boolean {
  return toldBy(kubelet)?.cpuCFSQuota ?? true
}

/** What a node that has every such policy is able to: for what cannot be known. */
export const strictest: NodeAbilities = {
  cpuManagerPolicy: 'static',
  memoryManagerPolicy: 'Static',
  swap: true,
}

/**
 * What these policies let the node do.
 *
 * @see kubelet's allocation/handlers.go: the gates for exclusive CPUs and memory (alpha) lift the
 * static managers' ban.
 */
export function abilitiesOf(policies: KubeletPolicies): NodeAbilities {
  const { cpuManagerPolicy, memoryManagerPolicy, swapBehavior, featureGates = {} } = policies
  const on = (gate: string): boolean => featureGates[gate] === true
  return {
    ...(featureGates['InPlacePodVerticalScaling'] === false && { inPlaceResize: false }),
    ...(cpuManagerPolicy === 'static' &&
      !on('InPlacePodVerticalScalingExclusiveCPUs') && { cpuManagerPolicy }),
    ...(memoryManagerPolicy === 'Static' &&
      !on('InPlacePodVerticalScalingExclusiveMemory') && { memoryManagerPolicy }),
    ...(swapBehavior === 'LimitedSwap' && { swap: true }),
  }
}
