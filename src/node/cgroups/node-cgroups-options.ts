import type { MemoryQos } from '../../domain/cgroup/memory-qos.ts'
import type { CgroupDriver } from '../../domain/cgroup/names.ts'
import type { SwapBehavior } from '../../domain/cgroup/swap.ts'
import type { Bytes, MilliCpu } from '../../domain/units.ts'
import type { OnStep } from '../as-step.ts'
import type { CgroupWriterOptions } from './cgroup-writer.ts'

/** Where the node's cgroups are, and how their memory is set. */
export interface NodeCgroupsOptions extends CgroupWriterOptions {
  readonly root: string
  readonly driver: CgroupDriver
  readonly machine: { readonly cpu: MilliCpu; readonly memory: Bytes; readonly swap: Bytes }
  /** Protects the memory of requests and throttles near limits, on v2. @default off */
  readonly memoryQos?: MemoryQos
  /** @default 'NoSwap' */
  readonly swapBehavior?: SwapBehavior
  readonly onStep: OnStep
}
