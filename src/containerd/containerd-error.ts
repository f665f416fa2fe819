/** Why the private runtime cannot be had. */
export type ContainerdErrorCode =
  | 'missingPackages'
  | 'notRoot'
  | 'didNotStart'
  | 'didNotStop'
  | 'badArchive'
  | 'importFailed'

/** A failure around the private containerd itself; calls to it fail with a CriError. */
export class ContainerdError extends Error {
  override readonly name = 'ContainerdError'
  readonly code: ContainerdErrorCode
  readonly retry: 'soon' | 'later' | 'never'

  constructor(
    code: ContainerdErrorCode,
    retry: 'soon' | 'later' | 'never',
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
    this.code = code
    this.retry = retry
  }
}
