import type { ResourceList } from '../pod.ts'
import { sizeOf } from '../resources/size.ts'
import { bytes, cpuShares, micros } from '../units.ts'
import { minShares } from './cpu.ts'
import { containerKnobs, type CgroupKnobs, type CgroupReading, knobsOf } from './knobs.ts'

/** What a runtime is told of a pod as a whole, by CRI's UpdatePodSandboxResources. */
export interface SandboxResources {
  /** Without the overhead. */
  readonly resources: CgroupKnobs
  /** Absent for a pod without one. */
  readonly overhead?: CgroupKnobs
}

/**
 * What a pod's cgroup has when `knobs` are written to it.
 *
 * @see kubelet's updatePodSandboxResources, pkg/kubelet/kuberuntime (Kubernetes 1.36)
 */
export function sandboxResources(
  reading: CgroupReading,
  knobs: CgroupKnobs,
  overhead: ResourceList | undefined,
): SandboxResources {
  const whole = { ...knobsOf(reading), ...knobs }
  if (overhead === undefined) return { resources: whole }
  const own = containerKnobs(sizeOf({ requests: overhead, limits: overhead }))
  return { resources: lessOverhead(whole, own), overhead: own }
}

function lessOverhead(whole: Required<CgroupKnobs>, overhead: CgroupKnobs): CgroupKnobs {
  return {
    cpuShares: cpuShares(Math.max(minShares, whole.cpuShares - (overhead.cpuShares ?? 0))),
    cpuQuota: less(whole.cpuQuota, overhead.cpuQuota, micros),
    cpuPeriod: whole.cpuPeriod,
    memoryLimit: less(whole.memoryLimit, overhead.memoryLimit, bytes),
  }
}

function less<T extends number>(
  whole: T | 'max',
  overhead: T | 'max' | undefined,
  unit: (amount: number) => T,
): T | 'max' {
  if (whole === 'max' || overhead === undefined || overhead === 'max') return whole
  return unit(Math.max(0, whole - overhead))
}
