import type { WeightFormula } from '../../domain/cgroup/cpu.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import type { MemorySample } from '../../domain/resize/actuation/memory-shrink.ts'
import type { Bytes } from '../../domain/units.ts'

/** What the node asks of this machine's cgroup tree. Paths start at the cgroup mount: `/podfit/kubepods`. */
export interface Cgroups {
  readonly version: 'v1' | 'v2'
  /** Makes the cgroup and its parents, with the controllers that pods need. Harmless if it is there. */
  create(path: string): void
  /** Removes the cgroup, with `recursive` also the empty ones below it. Harmless if it is gone. */
  remove(path: string, options: { readonly recursive: boolean }): void
  exists(path: string): boolean
  /** Ids of the processes inside, with `recursive` also of those below; none if the cgroup is gone. */
  processes(path: string, options: { readonly recursive: boolean }): readonly number[]
  /** Sends SIGKILL to every process inside and below. */
  kill(path: string): void
  /** Changes only the knobs that are given. */
  write(path: string, knobs: CgroupKnobs): void
  /** Writes what a runtime writes into a container's cgroup; without `formula` no weight. */
  writeContainer(path: string, knobs: CgroupKnobs, formula: WeightFormula | undefined): void
  /** Lowers the limit beside the event loop, since the kernel may reclaim for long. */
  writeMemoryLimit(path: string, limit: Bytes): Promise<void>
  read(path: string): CgroupReading
  /** Writes files of cgroup v2 by name; nothing happens on v1. */
  writeUnified(path: string, files: Readonly<Record<string, string>>): void
  /** What such files say; those that the kernel does not have are left out, all of them on v1. */
  readUnified(path: string, files: readonly string[]): Readonly<Record<string, string>>
  /** Whether a cgroup below the root has a limit for swap alone. */
  controlsSwap(path: string): boolean
  memorySample(path: string): MemorySample
  /** Has the kernel reclaim about as much; false where it cannot do that on demand. */
  reclaim(path: string, amount: Bytes): Promise<boolean>
  /** The soft limit; undefined on v1. */
  memoryHigh(path: string): Bytes | 'max' | undefined
  setMemoryHigh(path: string, high: Bytes | 'max'): Promise<void>
}
