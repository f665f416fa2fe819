import type { PodSpec } from '../pod.ts'
import { podSize } from '../resources/pod-resources.ts'
import { qosClassOf } from '../resources/qos.ts'
import type { Size } from '../resources/size.ts'
import { milliCpu, type Bytes, type CpuShares, type CpuWeight, type Micros } from '../units.ts'
import { defaultPeriod, minShares, quotaFor, sharesFor, sharesFromWeight } from './cpu.ts'

/**
 * What a cgroup is asked to be, in words that fit cgroup v1 and v2. A key that is absent
 * is left as it is.
 */
export interface CgroupKnobs {
  readonly cpuShares?: CpuShares
  readonly cpuQuota?: Micros | 'max'
  /** Goes with `cpuQuota`. */
  readonly cpuPeriod?: Micros
  readonly memoryLimit?: Bytes | 'max'
}

/** The limits that the files of a cgroup say. */
export interface LimitReading {
  readonly cpuQuota: Micros | 'max'
  readonly cpuPeriod: Micros
  readonly memoryLimit: Bytes | 'max'
}

/** What the files of a cgroup say. */
export interface CgroupReading extends LimitReading {
  readonly cpu:
    | { readonly kind: 'shares'; readonly shares: CpuShares }
    | { readonly kind: 'weight'; readonly weight: CpuWeight }
  /** With crun on v2: its own cgroup for the processes, below the container's. Both limit. */
  readonly inner?: LimitReading
}

/** The same where some of the files could not be read. */
export type PartialReading = Partial<CgroupReading>

/**
 * What a container of this size asks of its cgroup.
 *
 * Without a CPU request the shares come from the CPU limit; a request of 0 is a request.
 * Without a limit the quota and the memory limit are left as they are: Kubernetes has no
 * way to take a limit from a running container.
 *
 * @see kubelet's calculateLinuxResources, pkg/kubelet/kuberuntime/kuberuntime_container_linux.go.
 */
export function containerKnobs(size: Size, period: Micros = defaultPeriod): CgroupKnobs {
  const shares = sharesFor(size.cpuRequest ?? size.cpuLimit ?? milliCpu(0))
  return { cpuShares: shares, ...limitKnobs(size, period) }
}

/**
 * What a pod asks of its own cgroup. Quota and memory limit are set only where every
 * container has such a limit, or the pod itself.
 *
 * @see kubelet's ResourceConfigForPod, pkg/kubelet/cm/helpers_linux.go.
 */
export function podKnobs(spec: PodSpec, period: Micros = defaultPeriod): CgroupKnobs {
  if (qosClassOf(spec) === 'BestEffort') return { cpuShares: minShares }
  const size = podSize(spec)
  return { cpuShares: sharesFor(size.cpuRequest ?? milliCpu(0)), ...limitKnobs(size, period) }
}

function limitKnobs({ cpuLimit, memoryLimit }: Size, period: Micros): CgroupKnobs {
  return {
    ...(cpuLimit && { cpuQuota: quotaFor(cpuLimit, period), cpuPeriod: period }),
    ...(memoryLimit && { memoryLimit }),
  }
}

/**
 * What the cgroup above all Burstable or all BestEffort pods asks for. Burstable pods
 * together get the shares of the CPU that they request; `pods` are the specs of those
 * that are active.
 *
 * @see kubelet's qosContainerManagerImpl.UpdateCgroups, pkg/kubelet/cm/qos_container_manager_linux.go.
 */
export function qosKnobs(
  qos: 'Burstable' | 'BestEffort',
  pods: readonly PodSpec[] = [],
): CgroupKnobs {
  if (qos === 'BestEffort') return { cpuShares: minShares }
  const total = pods
    .filter((spec) => qosClassOf(spec) === 'Burstable')
    .reduce((sum, spec) => sum + (podSize(spec).cpuRequest ?? 0), 0)
  return { cpuShares: sharesFor(milliCpu(Math.min(total, Number.MAX_SAFE_INTEGER))) }
}

/**
 * What the cgroup above all pods of a node asks for, from the node's capacity less what
 * is reserved for the system. The hard eviction threshold is not subtracted here.
 *
 * @see kubelet's enforceNodeAllocatableCgroups, pkg/kubelet/cm/node_container_manager_linux.go.
 */
export function nodeKnobs(size: Pick<Size, 'cpuRequest' | 'memoryLimit'>): CgroupKnobs {
  const { cpuRequest, memoryLimit } = size
  return {
    ...(cpuRequest !== undefined && { cpuShares: sharesFor(cpuRequest) }),
    ...(memoryLimit && { memoryLimit }),
  }
}

/** The knobs that would make a pod's cgroup say what was read of it. */
export function knobsOf(reading: CgroupReading): Required<CgroupKnobs> {
  const { cpu, cpuQuota, cpuPeriod, memoryLimit } = reading
  const shares = cpu.kind === 'shares' ? cpu.shares : sharesFromWeight(cpu.weight)
  return { cpuShares: shares, cpuQuota, cpuPeriod, memoryLimit }
}

/**
 * What the files should say after these knobs were given to a cgroup that never had
 * others: the limits that are left out are `max`.
 */
export function unlimitedWhereUnset(knobs: CgroupKnobs): CgroupKnobs {
  return { cpuQuota: 'max', memoryLimit: 'max', ...knobs }
}

/** Those of `all` that `knobs` has, too. */
export function restrictedTo(knobs: CgroupKnobs, all: CgroupKnobs): CgroupKnobs {
  return Object.fromEntries(Object.entries(all).filter(([knob]) => knob in knobs))
}
