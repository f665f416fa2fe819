import type { Timestamp } from './wire-time.ts'

/**
 * Something that happened to a container or to a sandbox (whose id is then the
 * `containerId`), or the beginning of the stream.
 *
 * An `oom` is told 10 to 20 ms before the `exited` that follows it, if one
 * follows: the kernel may have killed another process than the first. Only
 * containerd tells of it; after CRI events the reason `OOMKilled` stands in the
 * container's status.
 */
export type ContainerEvent =
  | {
      /** From here on nothing is missed: what was before must be listed. */
      readonly kind: 'subscribed'
      readonly source: 'containerd' | 'cri'
    }
  | {
      readonly kind: 'created' | 'started' | 'oom' | 'deleted'
      readonly containerId: string
      readonly at: Timestamp
    }
  | {
      readonly kind: 'exited'
      readonly containerId: string
      readonly at: Timestamp
      /** 128 + n after signal n. CRI events do not tell it. */
      readonly exitCode?: number
    }
