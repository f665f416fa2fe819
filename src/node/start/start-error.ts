import { errorCode } from '../../domain/error-code.ts'
import type { StartFailure } from '../../domain/lifecycle/container-status.ts'
import {
  classifyRuntimeError,
  type ErrorOutlook,
  explainRuntimeError,
  isCgroupError,
} from '../../domain/resize/actuation/runtime-error.ts'

/** Why a container did not start: shown as its waiting reason, tried again. */
export class StartError extends Error {
  readonly failure: StartFailure
  /** Its cgroup was the cause, and not its program: that has not run. */
  readonly cgroup: boolean
  /** The runtime gave no answer, so that it may have broken the start off with the call. */
  readonly unanswered: boolean
  readonly outlook: ErrorOutlook

  constructor(reason: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.cgroup = reason === 'RunContainerError' && isCgroupError(message)
    this.unanswered = isUnanswered(cause)
    // The other texts are about cgroups: of a program that is not there they say what is not so.
    const isKnown = this.cgroup || this.unanswered
    this.failure = { reason, message: isKnown ? explainRuntimeError(message) : message }
    this.outlook = classifyRuntimeError(message).outlook
  }
}

function isUnanswered(cause: unknown): boolean {
  const code = errorCode(cause)
  return code === 'unavailable' || code === 'deadlineExceeded'
}
