import { errorCode } from '../domain/error-code.ts'
/** What went wrong with a cgroup, in words that a caller can act on. */
export type CgroupErrorCode =
  /** The cgroup is not there (any more). */
  | 'notFound'
  /** The cgroup is there, the file is not: its controller is off or not mounted, or the kernel is too old. */
  | 'noFile'
  /** The kernel will not do it now: processes or children are inside, or more memory is in use. */
  | 'busy'
  /** Missing privilege, or a read-only mount. */
  | 'denied'
  /** The kernel refused the value, on v1 also because of the parent's or the children's values. */
  | 'invalid'
  /** No cgroup filesystem at that place: nothing was written. */
  | 'notCgroup'
  | 'unknown'

interface Failure {
  readonly path: string
  readonly file?: string | undefined
  readonly data?: string | undefined
  readonly cause?: unknown
}

/** A failed access to a cgroup: what was tried, where, with which data, and what the kernel said. */
export class CgroupError extends Error {
  override readonly name = 'CgroupError'
  readonly code: CgroupErrorCode
  /** The directory in the filesystem. */
  readonly path: string
  readonly file: string | undefined
  /** The text that was to be written. */
  readonly data: string | undefined

  constructor(code: CgroupErrorCode, message: string, failure: Failure) {
    super(message, { cause: failure.cause })
    this.code = code
    this.path = failure.path
    this.file = failure.file
    this.data = failure.data
  }

  /** When the same call may work: busy cgroups settle by themselves, privileges do not. */
  get retry(): 'soon' | 'later' | 'never' {
    switch (this.code) {
      case 'busy':
        return 'soon'
      case 'noFile':
      case 'invalid':
      case 'unknown':
        return 'later'
      case 'notFound':
      case 'denied':
      case 'notCgroup':
        return 'never'
      default:
        return this.code satisfies never
    }
  }
}

const codeOfErrno: Readonly<Record<string, CgroupErrorCode>> = {
  ENOENT: 'notFound',
  ENODEV: 'notFound',
  ENOTDIR: 'notFound',
  EBUSY: 'busy',
  ENOTEMPTY: 'busy',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EINVAL: 'invalid',
  ERANGE: 'invalid',
  ENAMETOOLONG: 'invalid',
}

const meaningOfCode: Readonly<Record<CgroupErrorCode, string>> = {
  notFound: 'there is no such cgroup',
  noFile: 'the cgroup has no such file: its controller is not enabled here',
  busy: 'the kernel says busy: processes, child cgroups or memory in use are in the way',
  denied: 'not permitted: it needs root and a writable cgroup mount',
  invalid: 'the kernel refuses the value here',
  notCgroup: 'this is not a cgroup filesystem',
  unknown: 'the kernel refuses',
}

/** The system's short name of an error (`EBUSY`), if it is a system error. */
export function errnoOf(error: unknown): string | undefined {
  const code = errorCode(error)
  return typeof code === 'string' ? code : undefined
}

/** Wraps what `node:fs` threw. `act` is the verb of the message: "read", "write". */
export function cgroupErrorFrom(act: string, failure: Failure): CgroupError {
  const errno = errnoOf(failure.cause)
  const code = (errno === undefined ? undefined : codeOfErrno[errno]) ?? 'unknown'
  return describe(code, act, failure)
}

/** The cgroup is there, the file in it is not. */
export function noSuchFile(act: string, failure: Failure): CgroupError {
  return describe('noFile', act, failure)
}

function describe(code: CgroupErrorCode, act: string, failure: Failure): CgroupError {
  const errno = errnoOf(failure.cause)
  const place = failure.file === undefined ? failure.path : `${failure.path}/${failure.file}`
  const what = failure.data === undefined ? place : `${JSON.stringify(failure.data)} to ${place}`
  const detail = errno ?? (failure.cause instanceof Error ? failure.cause.message : 'unknown error')
  return new CgroupError(code, `Cannot ${act} ${what}: ${meaningOfCode[code]} (${detail})`, failure)
}
