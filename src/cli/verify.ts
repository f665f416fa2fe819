import { verifyPod } from '../operate/verify-pod.ts'
import { type PodReport } from '../operate/pod-report.ts'
import { askedOnce } from '../operate/cluster-facts.ts'
import { inParallel } from '../operate/in-parallel.ts'
import { openCluster } from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { systemClock } from './system-clock.ts'
import {
  addTargetFlags,
  nothingFound,
  parseTargets,
  readTargets,
  refOf,
  requestsAtOnce,
  type TargetFlags,
} from './targets.ts'
import { paintFor, type Terminal } from './terminal.ts'
import { type VerbContext } from './verb.ts'

interface VerifyFlags extends TargetFlags {
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
  single: boolean,
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
    only !== undefined && single
      ? await renderDocument(output, 'VerifyReport', podReportDocument(only))
      : await renderDocument(output, 'VerifyReportList', { items: documents }),
  )
}

async function verify(
  words: readonly string[],
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = parseTargets(words, flags)
  const { signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const pods = await readTargets(cluster, targets, 'verify', signal)
  const ports = {
    client: cluster.pods,
    cgroups: machineCgroups(),
    clock: systemClock,
    facts: askedOnce(cluster.facts),
  }
  const answers = await inParallel(pods, requestsAtOnce, (pod) =>
    verifyPod(ports, refOf(pod), signal, pod),
  )
  // A pod of a selection may have gone in the meantime; then there is nothing to verify of it.
  const reports = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []))
  if (reports.length === 0) terminal.stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
  await print(
    reports,
    targets.kind === 'named' && targets.names.length === 1,
    flags.output,
    terminal,
  )
  return exitOf(reports)
}

const examples = `Show the size of a pod in five layers side by side: what is asked for, what the node has
granted, what it reports, and what the kernel's files say for the container and for the pod.

Examples:
  podfit verify web              # one pod
  podfit verify web db -n shop   # two pods of another namespace
  podfit verify -l app=shop      # all with this label
  podfit verify -A               # every pod there is
  podfit verify web -o json      # for programs
`

export function define({ command, terminal, finish }: VerbContext): void {
  addTargetFlags(command)
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((names: string[], flags: VerifyFlags) => finish(verify(names, flags, terminal)))
}
