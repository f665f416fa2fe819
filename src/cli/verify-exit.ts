import type { PodReport } from '../operate/verify/pod-report.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'

const exitOfVerdict = {
  verified: exitCodes.done,
  drift: exitCodes.no,
  notNow: exitCodes.timedOut,
  warnings: exitCodes.warnings,
} as const satisfies Record<PodReport['verdict'], ExitCode>

const worstFirst = [exitCodes.no, exitCodes.timedOut, exitCodes.warnings]

/**
 * The worst exit code of several pods: a no goes before what did not settle, and that before a
 * warning. Of no pod nothing is verified, which is a warning, too.
 */
export function exitOfReports(reports: readonly PodReport[]): ExitCode {
  if (reports.length === 0) return exitCodes.warnings
  const exits = new Set<ExitCode>(reports.map(({ verdict }) => exitOfVerdict[verdict]))
  return worstFirst.find((exit) => exits.has(exit)) ?? exitCodes.done
}
