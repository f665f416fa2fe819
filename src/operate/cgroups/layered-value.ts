import { type FoundBy } from './cgroup-look.ts'
import { type FileCheck } from './cgroup-checks.ts'

export const sizeValues = ['cpuRequest', 'cpuLimit', 'memoryRequest', 'memoryLimit'] as const
export type SizeValue = (typeof sizeValues)[number]

/** One value of a size in each of the layers. Absent where the layer has none. */
export interface LayeredValue {
  readonly value: SizeValue
  readonly desired?: string
  /** Only requests: the API does not show granted limits. */
  readonly allocated?: string
  readonly status?: string
  /** The files that hold it; none for memory requests, which the kernel does not know. */
  readonly files: readonly FileCheck[]
}

export interface CgroupReport {
  readonly path?: string
  readonly foundBy?: FoundBy
  readonly values: readonly LayeredValue[]
}

export interface ContainerReport extends CgroupReport {
  readonly name: string
  readonly running: boolean
  /** For people: `running`, `waiting (CrashLoopBackOff)`. */
  readonly state: string
  readonly restartCount: number
  /** The same at the first of several looks. */
  readonly restartCountBefore?: number
}
