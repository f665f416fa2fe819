import type { PodRef } from './pod-client.ts'

/** How a command inside a container ended. */
export type ExecEnd =
  | { readonly kind: 'ended'; readonly code: number; readonly stdout: string }
  /** It did not run: no such program, not permitted, no answer. `why` is for people. */
  | {
      readonly kind: 'failed'
      readonly why: string
      /** It will not run as long as this container lives: no such program, not permitted. */
      readonly lasting: boolean
    }

/** Runs a command inside a running container. Never throws but the reason of `signal`. */
export type ContainerExec = (
  where: PodRef & { readonly container: string },
  command: readonly string[],
  signal: AbortSignal,
) => Promise<ExecEnd>
