import type { PodRef } from './pod-client.ts'

/** How a command inside a container ended. */
export type ExecEnd =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string }
  /** It did not run: no such program, not permitted, no answer. `why` is for people. */
  | {
      readonly kind: 'failed'
      readonly why: string
      /**
       * When it is worth to try again: never for this container (no such program, not permitted),
       * soon (no answer, a container that just ended), or later.
       */
      readonly retry: 'never' | 'soon' | 'later'
    }

/** Runs a command inside a running container. Never throws but the reason of `signal`. */
export type ContainerExec = (
  where: PodRef & { readonly container: string },
  command: readonly string[],
  signal: AbortSignal,
) => Promise<ExecEnd>
