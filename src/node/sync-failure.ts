import type { ErrorOutlook } from '../domain/resize/actuation/runtime-error.ts'

/** A run for a pod that did not come to its end, with what its cause lets hope for. */
export class SyncFailure extends Error {
  override readonly name = 'SyncFailure'
  readonly outlook: ErrorOutlook

  constructor(message: string, outlook: ErrorOutlook) {
    super(message)
    this.outlook = outlook
  }
}
