import { swapHolds, type SwapBehavior, type SwapMachine } from '../../domain/cgroup/swap.ts'
import type { MemoryReservation, MemoryReservationPolicy } from '../../domain/cgroup/memory-qos.ts'
import type { CgroupVersion } from '../../domain/cgroup/files.ts'
import { type LogRotationPolicy, usualLogRotation } from '../../domain/lifecycle/log-rotation.ts'
import { wholeQuantity } from '../../domain/quantity/quantity.ts'

/** A part of a kubelet's configuration, in the words of kubelet.config.k8s.io/v1beta1. */
export interface KubeletConfiguration {
  readonly cgroupDriver: 'cgroupfs' | 'systemd'
  readonly cpuCFSQuota: true
  readonly cpuManagerPolicy: 'none'
  readonly memoryManagerPolicy: 'None'
  readonly memorySwap: { readonly swapBehavior: SwapBehavior }
  /** Absent before Kubernetes 1.36, which has one way only. */
  readonly memoryReservationPolicy?: MemoryReservationPolicy
  readonly containerLogMaxSize: string
  readonly containerLogMaxFiles: number
  readonly featureGates: Readonly<Record<string, boolean>>
}

export interface Configured {
  readonly cgroupDriver: 'cgroupfs' | 'systemd'
  readonly swapBehavior?: SwapBehavior
  readonly machine: Pick<SwapMachine, 'swap'>
  readonly cgroups: { readonly version: CgroupVersion }
  readonly memoryQos?: MemoryReservation
  readonly logRotation?: LogRotationPolicy
}

/**
 * What the node answers to /configz: the policies that decide about resizes. Where the
 * machine has no swap, or none that cgroups limit, it says NoSwap, whatever was asked for.
 */
export function kubeletConfiguration(options: Configured): KubeletConfiguration {
  const { memoryQos, logRotation = usualLogRotation } = options
  return {
    cgroupDriver: options.cgroupDriver,
    cpuCFSQuota: true,
    cpuManagerPolicy: 'none',
    memoryManagerPolicy: 'None',
    memorySwap: { swapBehavior: swapHolds(options) ? 'LimitedSwap' : 'NoSwap' },
    ...(memoryQos !== 'Hard' && { memoryReservationPolicy: memoryQos ?? 'None' }),
    containerLogMaxSize: wholeQuantity(logRotation.maxSize),
    containerLogMaxFiles: logRotation.maxFiles,
    featureGates: {
      InPlacePodVerticalScaling: true,
      MemoryQoS: memoryQos !== undefined,
    },
  }
}
