import type { MemoryPolicy } from '../../domain/cgroup/memory-qos.ts'
import { CgroupMemory } from './cgroup-memory.ts'
import { CgroupWriter } from './cgroup-writer.ts'
import { ClassCgroups } from './class-cgroups.ts'
import { ContainerCgroups } from './container-cgroups.ts'
import type { NodeCgroupsOptions } from './node-cgroups-options.ts'
import { PodCgroups } from './pod-cgroups.ts'

/** The cgroups of this node, from the root of all pods down to the containers. */
export class NodeCgroups {
  /** Those above the pods. */
  readonly classes: ClassCgroups
  readonly pods: PodCgroups
  readonly containers: ContainerCgroups
  readonly memory: CgroupMemory
  /** Whether systemd owns the cgroups: then quotas are rounded up to 10 ms a second. */
  readonly systemd: boolean

  constructor(options: NodeCgroupsOptions) {
    const writer = new CgroupWriter(options)
    const memoryPolicy = (): MemoryPolicy | undefined => this.memoryPolicy()
    this.classes = new ClassCgroups(options, writer)
    this.pods = new PodCgroups(options, writer, memoryPolicy)
    this.containers = new ContainerCgroups(options, writer, memoryPolicy)
    this.memory = new CgroupMemory(options, writer)
    this.systemd = options.driver === 'systemd'
  }

  /** How containers' memory is set beyond the limit; undefined on v1, where nothing is. */
  memoryPolicy(): MemoryPolicy | undefined {
    return this.classes.memoryPolicy()
  }
}
