import { verifyPod } from '../operate/verify-pod.ts'
import { type PodReport } from '../operate/pod-report.ts'
import { CliError } from './cli-error.ts'
import { addConnectionFlags, openCluster, type ConnectionFlags } from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { parsePodName } from './pod-names.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { systemClock } from './system-clock.ts'
import { paintFor, type Terminal } from './terminal.ts'
import { type VerbContext } from './verb.ts'

interface VerifyFlags extends ConnectionFlags {
  readonly output?: OutputFormat
}

const exitOfVerdict = {
  verified: exitCodes.done,
  drift: exitCodes.no,
  notNow: exitCodes.warnings,
  warnings: exitCodes.warnings,
} as const satisfies Record<PodReport['verdict'], ExitCode>

/** The worst exit code of several pods: a no goes before a warning. */
function exitOf(reports: readonly PodReport[]): ExitCode {
  const exits = new Set(reports.map(({ verdict }) => exitOfVerdict[verdict]))
  return [exitCodes.no, exitCodes.warnings].find((exit) => exits.has(exit)) ?? exitCodes.done
}

async function print(
  reports: readonly PodReport[],
  output: OutputFormat | undefined,
  { stdout, env }: Terminal,
): Promise<void> {
  if (output === undefined) {
    const paint = paintFor(stdout, env)
    stdout.write(reports.map((report) => renderPodReport(report, paint)).join('\n'))
    return
  }
  const [only] = reports
  const documents = reports.map(podReportDocument)
  stdout.write(
    only !== undefined && reports.length === 1
      ? await renderDocument(output, 'VerifyReport', podReportDocument(only))
      : await renderDocument(output, 'VerifyReportList', { items: documents }),
  )
}

async function verify(
  names: readonly string[],
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const pods = names.map(parsePodName)
  const { signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const { namespace } = cluster
  const ports = { client: cluster.pods, cgroups: machineCgroups(), clock: systemClock }
  const answers = await Promise.all(
    pods.map((name) => verifyPod(ports, { namespace, name }, signal)),
  )
  const missing = pods.filter((_, index) => answers[index]?.kind === 'missing')
  if (missing.length > 0) {
    const what =
      missing.length === 1
        ? `there is no pod ${missing[0]}`
        : `there are no pods ${missing.join(', ')}`
    throw new CliError('no', `Cannot verify: ${what} in namespace ${namespace}`)
  }
  const reports = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []))
  await print(reports, flags.output, terminal)
  return exitOf(reports)
}

const examples = `Show the size of a pod in five layers side by side: what is asked for, what the node has
granted, what it reports, and what the kernel's files say for the container and for the pod.

Examples:
  podfit verify web              # one pod
  podfit verify web db -n shop   # two pods of another namespace
  podfit verify web -o json      # for programs
`

export function define({ command, terminal, finish }: VerbContext): void {
  addConnectionFlags(command.argument('<pods...>', 'NAME or pod/NAME'))
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((names: string[], flags: VerifyFlags) => finish(verify(names, flags, terminal)))
}
