import type { PodSpec, ResourceList, ResourceRequirements } from '../pod.ts'
import { podLimits, podRequests, podSize, type QuantityList } from '../resources/pod-resources.ts'
import { bytesQuantity, formatQuantity, milliCpuQuantity } from '../quantity/quantity.ts'
import { sizeOf, type Size } from '../resources/size.ts'
import { milliCpu, type Bytes, type MilliCpu } from '../units.ts'
import { checkKnobs, type KnobCheck } from './compare.ts'
import {
  milliCpuFromQuota,
  milliCpuFromShares,
  quotaFor,
  sharesFor,
  sharesFromWeight,
} from './cpu.ts'
import type { CgroupKnobs, CgroupReading } from './knobs.ts'

export interface PodLevelInput {
  /** With the allocated resources. */
  readonly spec: PodSpec
  /** What the status said before: it tells a value apart from others that the kernel rounds alike. */
  readonly previous: ResourceRequirements | undefined
  /** Of the pod's own cgroup; absent while the pod does not run. */
  readonly reading?: CgroupReading | undefined
  /** @default false */
  readonly systemd?: boolean
  /** @default 4096 bytes */
  readonly pageSize?: Bytes
}

/** `status.allocatedResources` of a pod: all that it was promised, overhead included. */
export function podAllocatedResources(spec: PodSpec): ResourceList {
  return texts(podRequests(spec))
}

/**
 * `status.resources` of a pod: what its cgroup has. CPU request and both limits are the
 * kernel's, a limit only where there is one; the kernel knows no memory request, so it is
 * the allocated one. A pod that does not run shows what it was promised.
 *
 * Where the cgroup says what the allocated size comes to, that size is shown exactly, and
 * else what the status said before, if the cgroup says that still. The kubelet turns the
 * weight back, which makes 975m of 1 CPU, and keeps the first memory request for ever
 * (kubernetes#140646).
 *
 * @see kubelet's convertToAPIPodLevelResourcesStatus, pkg/kubelet/kubelet_pods.go.
 */
export function podLevelResources(input: PodLevelInput): ResourceRequirements {
  const { spec, reading } = input
  if (reading === undefined) return lists(texts(podRequests(spec)), texts(podLimits(spec)))
  const promised = podSize(spec)
  const { cpuRequest, cpuLimit, memoryLimit } = actual(input, reading, promised)
  const { cpu: _cpu, memory: _memory, ...otherRequests } = spec.resources?.requests ?? {}
  const { cpu: _cpuLimit, memory: _memoryLimit, ...otherLimits } = spec.resources?.limits ?? {}
  return lists(
    {
      ...otherRequests,
      ...(cpuRequest !== undefined && { cpu: milliCpuQuantity(cpuRequest) }),
      ...(promised.memoryRequest !== undefined && {
        memory: bytesQuantity(promised.memoryRequest),
      }),
    },
    {
      ...otherLimits,
      ...(cpuLimit && { cpu: milliCpuQuantity(cpuLimit) }),
      ...(memoryLimit && { memory: bytesQuantity(memoryLimit) }),
    },
  )
}

function texts(list: QuantityList): ResourceList {
  return Object.fromEntries(Object.entries(list).map(([name, one]) => [name, formatQuantity(one)]))
}

function lists(requests: ResourceList, limits: ResourceList): ResourceRequirements {
  return {
    ...(Object.keys(requests).length > 0 && { requests }),
    ...(Object.keys(limits).length > 0 && { limits }),
  }
}

type Knob = KnobCheck['knob']
type Sizes = { readonly [Key in keyof Size]?: Size[Key] | undefined }

function actual(input: PodLevelInput, reading: CgroupReading, promised: Size): Sizes {
  const known: readonly Size[] = [promised, sizeOf(input.previous)]
  const choose = <T>(knob: Knob, of: (size: Size) => T, read: T): T => {
    const fits = known.find((size) => knobsThatFit(size, reading, input).has(knob))
    return fits === undefined ? read : of(fits)
  }
  return {
    cpuRequest: choose('cpuShares', (size) => size.cpuRequest, requestIn(reading)),
    cpuLimit: choose('cpuQuota', (size) => size.cpuLimit, limitIn(reading)),
    memoryLimit: choose(
      'memoryLimit',
      (size) => size.memoryLimit,
      reading.memoryLimit === 'max' ? undefined : reading.memoryLimit,
    ),
  }
}

function knobsThatFit(
  size: Size,
  reading: CgroupReading,
  { systemd = false, pageSize }: PodLevelInput,
): ReadonlySet<Knob> {
  const how = { level: 'pod', systemd, ...(pageSize && { pageSize }) } as const
  const checks = checkKnobs(knobsOf(size, reading), reading, how)
  return new Set(checks.filter(({ ok }) => ok).map(({ knob }) => knob))
}

function knobsOf(size: Size, { cpuPeriod }: CgroupReading): CgroupKnobs {
  return {
    cpuShares: sharesFor(size.cpuRequest ?? milliCpu(0)),
    cpuQuota: quotaFor(size.cpuLimit ?? milliCpu(0), cpuPeriod),
    memoryLimit: size.memoryLimit || 'max',
  }
}

function requestIn({ cpu }: CgroupReading): MilliCpu {
  return milliCpuFromShares(cpu.kind === 'shares' ? cpu.shares : sharesFromWeight(cpu.weight))
}

function limitIn({ cpuQuota, cpuPeriod }: CgroupReading): MilliCpu | undefined {
  return cpuQuota === 'max' ? undefined : milliCpuFromQuota(cpuQuota, cpuPeriod)
}
