import type { Timestamp } from '../wire-time.ts'

/**
 * Something that happened to a container or to a sandbox (whose id is then the
 * `containerId`), or the beginning of the stream.
 *
 * containerd's events are ahead of its CRI: after `exited` the container's
 * status says so only 20 to 60 ms later, `deleted` falls in between.
 *
 * An `oom` comes within some milliseconds of the `exited` it causes, mostly
 * before it, and alone when the kernel killed another process than the first.
 * Only containerd tells of it; the reason `OOMKilled` in the status always does.
 */
export type ContainerEvent =
  | {
      /**
       * From here on nothing is missed, so what was before must be listed now.
       */
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
