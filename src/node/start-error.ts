import type { StartFailure } from '../domain/lifecycle/container-status.ts'
import {
  classifyRuntimeError,
  type ErrorOutlook,
  explainRuntimeError,
  isCgroupError,
} from '../domain/resize/runtime-error.ts'

/** Why a container did not start: shown as its waiting reason, tried again. */
export class StartError extends Error {
  readonly failure: StartFailure
  /** Its cgroup was the cause, and not its program: that has not run. */
  readonly cgroup: boolean
  readonly outlook: ErrorOutlook

  constructor(reason: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    super(message, { cause })
    this.cgroup = reason === 'RunContainerError' && isCgroupError(message)
    this.failure = { reason, message: this.cgroup ? explainRuntimeError(message) : message }
    this.outlook = classifyRuntimeError(message).outlook
  }
}
