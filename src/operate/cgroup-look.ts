import { type CgroupReading } from '../domain/cgroup/knobs.ts'
import { type Pod } from '../domain/pod.ts'

/** One cgroup, as it was found. */
export type CgroupSight =
  | { readonly kind: 'read'; readonly path: string; readonly reading: CgroupReading }
  /** There is none: the container is not running, or it just ended. */
  | { readonly kind: 'gone' }
  /** It is there, but its files cannot be read. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly why: string }
  /** It cannot be seen from where we look; `why` says so to people. */
  | { readonly kind: 'hidden'; readonly why: string }

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
      /** Those above the pod's, the next one first, up to the cgroup of all pods. */
      readonly ancestors?: readonly CgroupSight[]
      /** By container name; only containers that have a container ID. */
      readonly containers: Readonly<Record<string, CgroupSight>>
    }
  | {
      /** The kernel's side cannot be seen from here; `why` says so to people. */
      readonly kind: 'unseen'
      readonly why: string
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
  look(pod: Pod, signal: AbortSignal): Promise<CgroupLook>
  /**
   * Resolves when one of the cgroups that were looked at may have changed, if the source is
   * told of that, or when `signal` aborts.
   */
  readonly untilChanged?: (paths: readonly string[], signal: AbortSignal) => Promise<void>
}
