import { usualTimeoutMs, verifyPods } from '../operate/verify-pods.ts'
import { findingAges } from '../operate/finding-ages.ts'
import { type PodReport } from '../operate/pod-report.ts'
import { askedOnce } from '../operate/cluster-facts.ts'
import { addSourceFlag, cgroupSource, type SourceFlags } from './cgroup-sources.ts'
import { openCluster } from './connection.ts'
import { parseDuration } from './duration.ts'
import { type ExitCode } from './exit-codes.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { systemClock } from './system-clock.ts'
import {
  addTargetFlags,
  nothingFound,
  parseTargets,
  readTargets,
  requestsAtOnce,
  type TargetFlags,
} from './targets.ts'
import { paintFor, type Terminal } from './terminal.ts'
import { exitOfReports } from './verify-exit.ts'
import { shownOnceOr } from './watch-loop.ts'
import { type VerbContext } from './verb.ts'

interface VerifyFlags extends TargetFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly watch?: boolean
  readonly timeout?: number
}

/** With `--watch` the next look comes soon: errors are only looked at twice before they are shown. */
const watchTimeoutMs = 200

/** Every cgroup that the report is about. */
function pathsOf({ containers, pod, ancestors }: PodReport): readonly string[] {
  return [...containers, pod, ...ancestors].flatMap(({ path }) =>
    path === undefined ? [] : [path],
  )
}

async function textOf(
  reports: readonly PodReport[],
  single: boolean,
  output: OutputFormat | undefined,
  { stdout, env }: Terminal,
): Promise<string> {
  if (output === undefined) {
    const paint = paintFor(stdout, env)
    return reports.map((report) => renderPodReport(report, paint)).join('\n')
  }
  const [only] = reports
  const documents = reports.map(podReportDocument)
  return only !== undefined && single
    ? renderDocument(output, 'VerifyReport', podReportDocument(only))
    : renderDocument(output, 'VerifyReportList', { items: documents })
}

async function verify(
  words: readonly string[],
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = parseTargets(words, flags)
  const { signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const single = targets.kind === 'named' && targets.names.length === 1
  const cgroups = cgroupSource(cluster, flags)
  const ages = findingAges()
  const timeoutMs = flags.watch === true ? watchTimeoutMs : (flags.timeout ?? usualTimeoutMs)
  return await shownOnceOr(flags.watch === true, terminal, async () => {
    const pods = await readTargets(cluster, targets, 'verify', signal)
    const facts = askedOnce(cluster.facts)
    const ports = { client: cluster.pods, cgroups, clock: systemClock, facts }
    const reports = await verifyPods(ports, pods, signal, {
      ages,
      timeoutMs,
      atOnce: requestsAtOnce,
    })
    if (reports.length === 0 && flags.watch !== true) {
      terminal.stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
    }
    const text = await textOf(reports, single, flags.output, terminal)
    const paths = reports.flatMap(pathsOf)
    const { untilChanged } = cgroups
    const changed = untilChanged && ((until: AbortSignal) => untilChanged(paths, until))
    return { text, exit: exitOfReports(reports), ...(changed && { changed }) }
  })
}

const examples = `Show the size of a pod in five layers side by side: what is asked for, what the node has
granted, what it reports, and what the kernel's files say for the container and for the pod.
What is not settled is looked at again until --timeout; what still is not then ends with 5.

Examples:
  podfit verify web              # one pod
  podfit verify web db -n shop   # two pods of another namespace
  podfit verify -l app=shop      # all with this label
  podfit verify -A               # every pod there is
  podfit verify web --timeout 1m # wait for a rollout or a restart to settle
  podfit verify web --watch      # keep looking
  podfit verify web --source exec   # from inside its containers, though it runs on this machine
  podfit verify web -o json      # for programs
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addTargetFlags(command))
    .option('-w, --watch', 'go on until Ctrl-C and show what changes')
    .option(
      '--timeout <duration>',
      'how long to look again at what is not settled: 30s, 0 (default: 5s)',
      parseDuration,
    )
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((names: string[], flags: VerifyFlags) => finish(verify(names, flags, terminal)))
}
