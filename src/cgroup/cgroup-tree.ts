import type { WeightFormula } from '../domain/cgroup/cpu.ts'
import type { SoftMemory } from '../domain/cgroup/memory-qos.ts'
import type { CgroupReading, CgroupKnobs } from '../domain/cgroup/knobs.ts'
import type { Bytes } from '../domain/units.ts'
import type { PartsRead } from './read-parts.ts'
import type { CpuUsage, MemoryEvents, MemorySample, MemoryUsage } from './usage.ts'

export interface Recursive {
  /** @default false */
  readonly recursive?: boolean
}

/**
 * The cgroups of this machine. Paths are cgroup paths (`/podfit/kubepods/podUID`), the
 * same for v1, where a cgroup is a directory in each mounted hierarchy, and v2, where
 * it is one. All calls are synchronous and throw a `CgroupError`.
 */
export interface CgroupTree {
  readonly version: 'v1' | 'v2'
  /** Where it is mounted, `/sys/fs/cgroup`. */
  readonly mount: string
  /** Controllers that are mounted (v1) or that the root offers (v2). */
  readonly controllers: readonly string[]

  /** Creates the cgroup and those above it, with all controllers that Kubernetes wants in a pod's cgroup. */
  create(path: string): void
  /** Whether the cgroup is there with every controller that the kubelet demands (those that this machine has). */
  exists(path: string): boolean
  /**
   * Removes the cgroup, with `recursive` also those below it; nothing happens if it is gone. Kills nothing:
   * with processes inside it fails as `busy`, and so for a moment after they were killed.
   */
  remove(path: string, options?: Recursive): void

  /**
   * Writes what is asked, in an order that the kernel accepts. What `knobs` leaves out stays as it is.
   * For pod and QoS cgroups: the weight comes from the linear formula.
   *
   * On v2 a memory limit below what is in use is accepted and the kernel kills processes
   * for it; on v1 it fails as `busy`. Compare with `memoryUsage` before.
   */
  write(path: string, knobs: CgroupKnobs): void
  /**
   * Writes into a container's cgroup what a runtime writes for these knobs: the weight by
   * the runtime's formula, none where that is unknown; on v1 no swap beside the memory.
   */
  writeContainer(path: string, knobs: CgroupKnobs, formula: WeightFormula | undefined): void
  /** Whether the cgroup is there at all, whatever controllers it has. */
  has(path: string): boolean
  /** The memory limit alone, beside the event loop: on v1 the kernel reclaims during the write. */
  writeMemoryLimit(path: string, limit: Bytes): Promise<void>
  /** What the files say. */
  read(path: string): CgroupReading
  /**
   * The same file by file: what one cannot be read leaves the others.
   *
   * @throws CgroupError `notFound` if none is there, since the cgroup is gone.
   */
  readParts(path: string): PartsRead

  /** How many CPUs processes inside may run on; undefined if the cgroup does not tell. */
  cpuCount(path: string): number | undefined

  /** Writes files of cgroup v2 by name (`memory.low`). On v1 there are none of them: nothing happens. */
  writeUnified(path: string, files: Readonly<Record<string, string>>): void
  /** What such files say; those that this kernel does not have are left out, all of them on v1. */
  readUnified(path: string, files: readonly string[]): Readonly<Record<string, string>>
  /** Whether swap can be limited apart from memory: v2 with the swap controller. Not for the root. */
  controlsSwap(path: string): boolean

  memoryUsage(path: string): MemoryUsage
  /** What could become less, and what not. */
  memorySample(path: string): MemorySample
  /**
   * Has the kernel reclaim about `amount` from the cgroup and those below it, beside the
   * event loop. Less may come back. False where the kernel cannot (v1, Linux before 5.19).
   */
  reclaim(path: string, amount: Bytes): Promise<boolean>
  /** The soft limit, `memory.high`; undefined on v1. */
  memoryHigh(path: string): Bytes | 'max' | undefined
  /** What protects and slows down memory; undefined on v1. */
  softMemory(path: string): SoftMemory | undefined
  /** Sets the soft limit, beside the event loop: the kernel reclaims what is above it. v2 only. */
  setMemoryHigh(path: string, high: Bytes | 'max'): Promise<void>
  cpuUsage(path: string): CpuUsage
  memoryEvents(path: string): MemoryEvents

  /** Ids of the processes inside, with `recursive` also of those below. None if the cgroup is gone. */
  processes(path: string, options?: Recursive): readonly number[]
  /** The directories of the files that `read` reads. */
  directories(path: string): readonly string[]
  /** Paths of the cgroups right below, sorted; none if the cgroup is gone. */
  children(path: string): readonly string[]
  /** The cgroup a process is in; `undefined` if the process is gone or cannot be seen from here. */
  pathOfProcess(pid: number): string | undefined
  /** Sends SIGKILL to every process inside and below. Call again until `processes` is empty: they may fork (v1). */
  kill(path: string): void
}
