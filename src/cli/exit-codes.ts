/**
 * What the exit code of a verb tells a script. Kept as preflight tools do it, so that "the
 * answer is no" is never mistaken for "the question could not be asked".
 */
export const exitCodes = {
  /** Done, and verified where there was something to verify. */
  done: 0,
  /** podfit, the API server or the machine failed, or what was named is not there. */
  error: 1,
  /** The command line is wrong; nothing was changed. */
  usage: 2,
  /** The verdict is no: rejected, infeasible, still deferred at the end, drift. */
  no: 3,
  /** Nothing is wrong that could be seen, but not everything could be. */
  warnings: 4,
  /** Time ran out before the end was known. */
  timedOut: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const

export type Exit = keyof typeof exitCodes
export type ExitCode = (typeof exitCodes)[Exit]

/** The lines of `--help` about exit codes. */
export const exitCodeHelp =
  'Exit codes: 0 done and verified, 1 error, 2 usage, 3 the verdict is no,\n' +
  '4 warnings only, 5 timed out, 130 interrupted.'
