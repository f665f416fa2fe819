import { type WeightFormula } from '../../domain/cgroup/cpu.ts'
import { type SoftMemory } from '../../domain/cgroup/memory-qos.ts'
import { type PartialReading } from '../../domain/cgroup/knobs.ts'
import { type Pod } from '../../domain/pod.ts'

/** The ways of finding a cgroup, the one that is tried first first. */
export type FoundBy =
  /** The container runtime said where it is, over CRI. */
  | 'runtime'
  /** It is where a kubelet and a runtime with either cgroup driver put it. */
  | 'name'
  /** It has the right name below another prefix: kind, k3s, a kubelet with a cgroup root. */
  | 'search'
  /** A process of the container is in it, by /proc/PID/cgroup. */
  | 'process'

/** A file that could not be read, and why, for people. */
export interface FileProblem {
  readonly file: string
  readonly why: string
}

/** One cgroup, as it was found. */
export type CgroupSight =
  | {
      readonly kind: 'read'
      readonly path: string
      /** How it was found; absent where there was nothing to find. */
      readonly foundBy?: FoundBy
      readonly reading: PartialReading
      /** How many CPUs its processes may run on, where no quota limits their time. */
      readonly cpus?: number
      /** What protects and slows down its memory on v2; only in a deep look. */
      readonly soft?: SoftMemory
      /** `oom_score_adj` of a container's first process; only in a deep look. */
      readonly oomScore?: number
      /** The formula by which the container's runtime makes CPU weights, where it is known. */
      readonly formula?: WeightFormula
      /** Files that could not be read. @default none */
      readonly problems?: readonly FileProblem[]
    }
  /** There is none: the container is not running, or it just ended. */
  | { readonly kind: 'gone' }
  /** It is there, but its files cannot be read. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string }
  /** It cannot be seen from where we look; `why` says so to people. */
  | ({ readonly kind: 'hidden'; readonly why: string } & Fleeting)

/** A cgroup whose files were read. */
export type CgroupRead = Extract<CgroupSight, { kind: 'read' }>

/** Whether another look may see what this one did not: no answer, a pod that ended in between. */
interface Fleeting {
  /** @default false */
  readonly fleeting?: boolean
}

/** What is known where no pod has a cgroup: the figures of the root cgroup. */
export interface WholeMachine {
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
  /** Microseconds of CPU that everything has used since the start. */
  readonly cpuMicros: number
  /** Bytes in use. */
  readonly memoryUsed: number
}

/** The cgroups of one pod at one moment. */
export type CgroupLook =
  | {
      readonly kind: 'seen'
      /** Where the numbers come from, for people: `this machine, cgroup v2`. */
      readonly source: string
      /** Looked at from inside the containers: slow, and who manages the cgroups is not known. */
      readonly inside?: boolean
      readonly version: 'v1' | 'v2'
      /** Bytes of a memory page: the kernel rounds limits down to it. */
      readonly pageSize: number
      readonly pod: CgroupSight
      /** The runtime was asked where the cgroups are, and did not answer. */
      readonly runtimeProblem?: string
      /** Those above the pod's, the next one first, up to the cgroup of all pods. */
      readonly ancestors?: readonly CgroupSight[]
      /** By container name; only containers that have a container ID. */
      readonly containers: Readonly<Record<string, CgroupSight>>
    }
  | ({
      /** The kernel's side cannot be seen from here; `why` says so to people. */
      readonly kind: 'unseen'
      readonly why: string
      /** The pod runs here, but this machine has no pod's cgroup at all: what the machine has. */
      readonly machine?: WholeMachine
    } & Fleeting)

export interface LookOptions {
  /** To read beyond the limits: memory protection, scores, the runtime. @default false */
  readonly deep?: boolean
}

/**
 * Where the truth about cgroups comes from: this machine's own tree, or an exec into the
 * container.
 */
export interface CgroupSource {
  /**
   * Finds and reads the cgroups of `pod`. What cannot be seen is part of the look.
   *
   * @throws only the reason of `signal`.
   */
  look(pod: Pod, signal: AbortSignal, how?: LookOptions): Promise<CgroupLook>
  /**
   * Resolves when one of the cgroups that were looked at may have changed, if the source is
   * told of that, or when `signal` aborts.
   */
  readonly untilChanged?: (paths: readonly string[], signal: AbortSignal) => Promise<void>
}
