import type { ContainerCalls } from './container/container-calls.ts'
import type { ContainerEvent } from './event/container-event.ts'
import type { ImageCalls } from './image/image-calls.ts'
import type { RuntimeCalls } from './runtime-calls.ts'
import type { SandboxCalls } from './sandbox/sandbox-calls.ts'
import type { StreamingCalls } from './streaming/streaming-calls.ts'

/**
 * A container runtime over CRI v1. Every call may run beside any other, and
 * rejects with a CriError.
 */
export interface CriRuntime
  extends RuntimeCalls, SandboxCalls, ContainerCalls, StreamingCalls, ImageCalls, Disposable {
  /**
   * What happens to containers, beginning with `subscribed`. Ends when `signal`
   * is aborted; throws a CriError when the connection breaks, and the caller
   * subscribes again and lists.
   */
  watchContainerEvents(options?: { readonly signal?: AbortSignal }): AsyncIterable<ContainerEvent>
  /** Breaks the connection and all that is under way on it. */
  close(): void
}
