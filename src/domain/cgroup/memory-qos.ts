import type { Container, PodSpec } from '../pod.ts'
import { effectiveSize, podSize } from '../resources/pod-resources.ts'
import { qosClassOf } from '../resources/qos.ts'
import { bytes, type Bytes } from '../units.ts'
import { memoryHigh } from './memory.ts'
import { maySwap, type SwapBehavior, swapLimit } from './swap.ts'

/** How a node sets the memory files of cgroup v2 beyond the limit. On v1 there are none of them. */
export interface MemoryPolicy {
  /** Memory of requests is protected, and what comes near its limit is slowed down (KEP-2570). */
  readonly qos?: MemoryQos
  /** Whether `memory.swap.max` is there to be written. */
  readonly swap?: {
    readonly behavior: SwapBehavior
    /** Of the whole machine. */
    readonly memory: Bytes
    readonly capacity: Bytes
  }
}

/** How requested memory is protected, in the words of a kubelet's `memoryReservationPolicy` (1.36). */
export const memoryReservationPolicies = ['None', 'TieredReservation'] as const
export type MemoryReservationPolicy = (typeof memoryReservationPolicies)[number]

/** Kubernetes before 1.36 protects all of it against everything. */
export type MemoryReservation = MemoryReservationPolicy | 'Hard'

export interface MemoryQos {
  readonly reservation: MemoryReservation
  /** What the node has for pods. */
  readonly allocatable: Bytes
  /** How far from request to limit the throttling begins, 0 to 1. */
  readonly throttlingFactor: number
  readonly pageSize: Bytes
}

/** What a cgroup v2 says of its memory beyond the limit; bytes, rounded down to pages by the kernel. */
export interface SoftMemory {
  readonly min?: Bytes | 'max'
  readonly low?: Bytes | 'max'
  readonly high?: Bytes | 'max'
}

/** The files of cgroup v2 that a cgroup gets beyond limit and CPU, by name. */
export type UnifiedFiles = Readonly<Record<string, string>>

/**
 * What the runtime is told to write into a container's cgroup v2, and writes again at
 * each update: all of it, always, since a key that is missing stays as it was.
 *
 * Kernel kills take all processes of a container, as Kubernetes wants it on v2.
 *
 * @see kubelet's kuberuntime_container_linux.go
 */
export function containerUnified(
  policy: MemoryPolicy,
  spec: PodSpec,
  container: Container,
): UnifiedFiles {
  const { qos } = policy
  return {
    'memory.oom.group': '1',
    ...swapFiles(policy, spec, container),
    ...(qos && {
      ...containerReservation(qos, spec, container),
      ...throttling(qos, spec, container),
    }),
  }
}

function swapFiles({ swap }: MemoryPolicy, spec: PodSpec, container: Container): UnifiedFiles {
  if (swap === undefined) return {}
  const allowed = swap.behavior === 'LimitedSwap' && maySwap(spec, container)
  const machine = { memory: swap.memory, swap: swap.capacity }
  return { 'memory.swap.max': String(allowed ? swapLimit(container, machine) : 0) }
}

function containerReservation(
  { reservation }: MemoryQos,
  spec: PodSpec,
  container: Container,
): UnifiedFiles {
  const request = effectiveSize(spec, container).memoryRequest ?? 0
  switch (reservation) {
    case 'Hard':
      return { 'memory.min': String(request) }
    case 'None':
      return protection('min', 0)
    case 'TieredReservation':
      return protection(qosClassOf(spec) === 'Guaranteed' ? 'min' : 'low', request)
    default:
      return reservation satisfies never
  }
}

function protection(tier: 'min' | 'low', request: number): UnifiedFiles {
  return {
    'memory.min': String(tier === 'min' ? request : 0),
    'memory.low': String(tier === 'low' ? request : 0),
  }
}

function throttling(qos: MemoryQos, spec: PodSpec, container: Container): UnifiedFiles {
  const { memoryRequest, memoryLimit } = effectiveSize(spec, container)
  const high = memoryHigh({
    ...(memoryRequest === undefined ? {} : { request: memoryRequest }),
    ...(memoryLimit === undefined ? {} : { limit: memoryLimit }),
    allocatable: qos.allocatable,
    pageSize: qos.pageSize,
    factor: qos.throttlingFactor,
  })
  return { 'memory.high': String(high ?? 'max') }
}

/** What a pod's own cgroup protects with MemoryQoS. */
export function podReservation(
  { reservation }: Pick<MemoryQos, 'reservation'>,
  spec: PodSpec,
): UnifiedFiles {
  const qos = qosClassOf(spec)
  if (reservation === 'None' || qos === 'BestEffort') return {}
  const request = podSize(spec).memoryRequest ?? 0
  if (reservation === 'Hard') return { 'memory.min': String(request) }
  return protection(qos === 'Guaranteed' ? 'min' : 'low', request)
}

/** What the requests of a node's pods add up to, by QoS class. */
export interface MemoryRequests {
  readonly guaranteed: Bytes
  readonly burstable: Bytes
}

/** What the cgroup of the Burstable class protects with MemoryQoS. */
export function burstableReservation(
  { reservation }: MemoryQos,
  { burstable }: MemoryRequests,
): UnifiedFiles {
  if (reservation === 'Hard') return { 'memory.min': String(burstable) }
  return { 'memory.low': String(reservation === 'None' ? 0 : burstable) }
}

/** What the cgroup above all pods protects with MemoryQoS; what it does not, its pods cannot. */
export function rootReservation(
  { reservation }: MemoryQos,
  { guaranteed, burstable }: MemoryRequests,
): UnifiedFiles {
  return { 'memory.min': String(reservation === 'None' ? 0 : guaranteed + burstable) }
}

/** The share of one pod in the requests of its node. */
export function memoryRequestOf(spec: PodSpec): MemoryRequests {
  const request = podSize(spec).memoryRequest ?? bytes(0)
  const qos = qosClassOf(spec)
  return {
    guaranteed: qos === 'Guaranteed' ? request : bytes(0),
    burstable: qos === 'Burstable' ? request : bytes(0),
  }
}

/** The shares of several pods together. */
export function memoryTogether(all: Iterable<MemoryRequests>): MemoryRequests {
  const sums = { guaranteed: 0, burstable: 0 }
  for (const { guaranteed, burstable } of all) {
    sums.guaranteed += guaranteed
    sums.burstable += burstable
  }
  return { guaranteed: bytes(sums.guaranteed), burstable: bytes(sums.burstable) }
}
