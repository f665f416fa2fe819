import type { ResourceList, ResourceRequirements } from '../pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../quantity/quantity.ts'
import { sizeOf, type Size } from '../resources/size.ts'
import type { Bytes } from '../units.ts'
import { checkKnobs, type KnobCheck } from './compare.ts'
import {
  milliCpuFromQuota,
  milliCpuFromShares,
  sharesFromWeight,
  type WeightFormula,
} from './cpu.ts'
import { containerKnobs, unlimitedWhereUnset, type CgroupReading } from './knobs.ts'

export interface ContainerResourcesInput {
  /** What the node has promised; what is not CPU or memory is shown from here. */
  readonly allocated: ResourceRequirements | undefined
  /** What the runtime was last told. */
  readonly actuated: Size
  /** Absent while the container does not run: then it shows what is allocated. */
  readonly reading?: CgroupReading | undefined
  /** @default false */
  readonly systemd?: boolean
  /** @default 4096 bytes */
  readonly pageSize?: Bytes
  /** How to tell the request from a weight that nobody here has asked for. @default linear */
  readonly formula?: WeightFormula
}

/**
 * What `status.containerStatuses[].resources` says of a container: its size as the kernel
 * has it.
 *
 * Where a file says what the actuated size comes to, that size is shown exactly, although
 * several sizes come to the same: 5m has the quota of 10m. Likewise with the allocated
 * size, which is there before it is recorded. Where neither, the file is right: someone
 * else has written to it, and a limit that is gone is not shown. The kernel knows no
 * memory request; it is shown as actuated. Lists that the allocated resources do not have
 * are not shown either.
 *
 * The kubelet shows what the runtime remembers instead of the files.
 *
 * @see kubelet's convertContainerStatusResources, pkg/kubelet/kubelet_pods.go.
 */
export function containerResources(input: ContainerResourcesInput): ResourceRequirements {
  const { allocated = {}, reading } = input
  if (reading === undefined) return allocated
  const promised = sizeOf(allocated)
  const actual = actualSize(input, reading, promised)
  const { requests, limits } = allocated
  return {
    ...allocated,
    ...(requests && { requests: shown(requests, promised, actual, 'Request') }),
    ...(limits && { limits: shown(limits, promised, actual, 'Limit') }),
  }
}

type Amounts = { readonly [Key in keyof Size]?: Size[Key] | undefined }

/** The list with its CPU and memory as they are; the text stays where the value does. */
function shown(
  list: ResourceList,
  promised: Size,
  actual: Amounts,
  side: 'Request' | 'Limit',
): ResourceList {
  const { cpu, memory, ...others } = list
  const newCpu = changed(promised[`cpu${side}`], actual[`cpu${side}`])
  const newMemory = changed(promised[`memory${side}`], actual[`memory${side}`])
  const cpuText = newCpu === 'same' ? cpu : newCpu && milliCpuQuantity(newCpu)
  const memoryText = newMemory === 'same' ? memory : newMemory && bytesQuantity(newMemory)
  return { ...(cpuText && { cpu: cpuText }), ...(memoryText && { memory: memoryText }), ...others }
}

function changed<T extends number>(promised: T | undefined, actual: T | undefined) {
  return (promised ?? 0) === (actual ?? 0) ? 'same' : actual
}

function actualSize(
  input: ContainerResourcesInput,
  reading: CgroupReading,
  promised: Size,
): Amounts {
  const { actuated, formula = 'linear' } = input
  const inActuated = knobsThatFit(actuated, reading, input)
  const inPromised = knobsThatFit(promised, reading, input)
  const choose = <T>(knob: Knob, recorded: T, allocated: T, read: T): T => {
    if (inActuated.has(knob)) return recorded
    return inPromised.has(knob) ? allocated : read
  }
  const request = requestIn(reading, formula)
  const { cpuLimit, memoryLimit } = limitsIn(reading)
  const cpuRequest = choose('cpuShares', actuated.cpuRequest, promised.cpuRequest, request)
  return {
    memoryRequest: actuated.memoryRequest ?? promised.memoryRequest,
    // 0m, 1m and 2m are the same to the kernel: the kubelet shows what was asked for, too.
    cpuRequest:
      isMinimal(cpuRequest) && isMinimal(promised.cpuRequest) ? promised.cpuRequest : cpuRequest,
    cpuLimit: choose('cpuQuota', actuated.cpuLimit, promised.cpuLimit, cpuLimit),
    memoryLimit: choose('memoryLimit', actuated.memoryLimit, promised.memoryLimit, memoryLimit),
  }
}

type Knob = KnobCheck['knob']

/** The knobs that a container of this size would have as they were read. */
function knobsThatFit(
  size: Size,
  reading: CgroupReading,
  { systemd = false, pageSize }: ContainerResourcesInput,
): ReadonlySet<Knob> {
  const wanted = unlimitedWhereUnset(containerKnobs(size, reading.cpuPeriod))
  const checks = checkKnobs(wanted, reading, {
    level: 'container',
    systemd,
    ...(pageSize && { pageSize }),
  })
  return new Set(checks.filter(({ ok }) => ok).map(({ knob }) => knob))
}

/** In millicores; smaller requests have the same shares. */
const minimalRequest = 2

function isMinimal(cpuRequest: number | undefined): boolean {
  return (cpuRequest ?? 0) <= minimalRequest
}

function requestIn({ cpu }: CgroupReading, formula: WeightFormula): Size['cpuRequest'] {
  const shares = cpu.kind === 'shares' ? cpu.shares : sharesFromWeight(cpu.weight, formula)
  return milliCpuFromShares(shares)
}

function limitsIn({ cpuQuota, cpuPeriod, memoryLimit }: CgroupReading): Size {
  const cpuLimit = milliCpuFromQuota(cpuQuota, cpuPeriod)
  return {
    ...(cpuLimit > 0 && { cpuLimit }),
    ...(memoryLimit !== 'max' && { memoryLimit }),
  }
}
