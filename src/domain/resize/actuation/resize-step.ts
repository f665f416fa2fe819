import type { CgroupKnobs } from '../../cgroup/knobs.ts'
import type { Size } from '../../resources/size.ts'
import type { Bytes } from '../../units.ts'

/** One step of a resize. What it changes says what it goes back to if it fails, or a later one does. */
export type ResizeStep =
  /**
   * Bring the memory limit of one cgroup down to `to` without killing anybody. Nothing of the
   * plan may be done if one of these fails, and those that were done are taken back.
   */
  | { readonly kind: 'shrinkMemory'; readonly of: ShrinkSubject; readonly to: Bytes }
  /** `before` is what the files say of the same, to which they go back if not all of it is taken. */
  | {
      readonly kind: 'writePodCgroup'
      readonly knobs: CgroupKnobs
      readonly before: CgroupKnobs
    }
  /**
   * Write what changes of what the runtime will be told in a step that follows. If it refuses,
   * the files go back to `before`: what the runtime was last told.
   */
  | {
      readonly kind: 'writeContainer'
      readonly container: string
      readonly containerId: string
      readonly knobs: CgroupKnobs
      readonly before: CgroupKnobs
    }
  /**
   * One call to the runtime for CPU and memory together. `size` is the actuated record after
   * it; `before`, where it is known, is what the files go back to if the call fails.
   */
  | {
      readonly kind: 'updateContainer'
      readonly container: string
      readonly containerId: string
      readonly knobs: CgroupKnobs
      readonly before?: CgroupKnobs
      readonly size: Size
    }
  /** Stop it, for `reason`, and have it started with its new size. */
  | {
      readonly kind: 'restartContainer'
      readonly container: string
      readonly containerId: string
      readonly reason: string
    }

/** Whose memory shrinks: one container's, or that of the pod as a whole. */
export type ShrinkSubject =
  | { readonly kind: 'container'; readonly container: string; readonly containerId: string }
  | { readonly kind: 'pod' }
