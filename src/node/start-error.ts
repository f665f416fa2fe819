import type { StartFailure } from '../domain/lifecycle/container-status.ts'

/** Why a container did not start: shown as its waiting reason, tried again. */
export class StartError extends Error {
  readonly failure: StartFailure

  constructor(reason: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.failure = { reason, message }
  }
}
