import { ms, rest, row } from '../table.ts'
import type { Call, CliReport } from './measure-cli.ts'

/** The command line's part of the table. */
export function cliLines(report: CliReport): readonly string[] {
  const { pods, find, readAgain } = report
  return [
    row('podfit', 'p50', 'p90 / p99', 'CPU'),
    callLine('  --help', report.help),
    callLine('  verify one pod', report.verifyOne),
    callLine(`  plan ${pods} pods`, report.planAll),
    callLine(`  verify ${pods} pods`, report.verifyAll),
    row(`cgroups of ${pods} pods, CPU`, 'p50', 'p90 / p99', ''),
    row('  find and read', ms(find.p50), rest(find), ''),
    row('  read again', ms(readAgain.p50), rest(readAgain), ''),
  ]
}

function callLine(what: string, { wall, cpu }: Call): string {
  return row(what, ms(wall.p50), rest(wall), ms(cpu.p50))
}
