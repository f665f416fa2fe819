import { prepareExec } from '../../kube/client/exec.ts'
import { usualTimeoutMs, verifyPods } from '../../operate/verify/verify-pods.ts'
import { findingAges } from '../../operate/verify/finding-ages.ts'
import type { PodReport } from '../../operate/verify/pod-report.ts'
import { rememberedFor } from '../../operate/cluster/cluster-facts.ts'
import { addSourceFlag, cgroupSource, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { openCluster, type Cluster } from '../cluster/connection.ts'
import { parseDuration } from '../render/duration.ts'
import { type ExitCode } from '../exit-codes.ts'
import { followPods, type FollowedPods } from '../watch/followed-pods.ts'
import { partEnded } from '../cluster/part-ended.ts'
import { podReportDocument } from '../render/pod-report-document.ts'
import { renderManyPodReports, renderPodReports } from '../render/pod-reports.ts'
import { parseOutputFormat, renderDocuments, type OutputFormat } from '../render/output.ts'
import { systemClock } from '../system-clock.ts'
import {
  addTargetFlags,
  isOneNamed,
  nothingFound,
  parseTargets,
  readTargets,
  requestsAtOnce,
  type TargetFlags,
  type PodTargets,
} from '../cluster/targets.ts'
import { podTargets } from '../cluster/workload-target.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import { exitOfReports } from '../verify-exit.ts'
import { shownOnceOr } from '../watch/watch-loop.ts'
import { type VerbContext } from '../verb.ts'

interface VerifyFlags extends TargetFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly watch?: boolean
  readonly timeout?: number
}

/** With `--watch` the next look comes soon: errors are only looked at twice before they are shown. */
const watchTimeoutMs = 200
/** What is around the pods is asked for again after this. */
const factsLastMs = 5000
/** How often a shell is started in a container that only it can look into: more for few pods. */
const insideLastsMs = { few: 500, many: 5000 }
const fewPods = 3

/** Every cgroup that the report is about. */
function pathsOf({ containers, pod, ancestors }: PodReport): readonly string[] {
  return [...containers, pod, ...ancestors].flatMap(({ path }) =>
    path === undefined ? [] : [path],
  )
}

async function textOf(
  reports: readonly PodReport[],
  targets: PodTargets,
  output: OutputFormat | undefined,
  { stdout, env }: Terminal,
): Promise<string> {
  if (output === undefined) {
    const paint = paintFor(stdout, env)
    return targets.kind === 'named'
      ? renderPodReports(reports, paint)
      : renderManyPodReports(reports, paint)
  }
  const items = reports.map(podReportDocument)
  return renderDocuments(output, 'VerifyReport', items, isOneNamed(targets))
}

function endedText(count: number): string {
  const which = count === 1 ? '1 pod has ended' : `${count} pods have ended`
  return `${which}, with nothing left to verify: left out`
}

async function verify(
  words: readonly string[],
  flags: VerifyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = parseTargets(words, flags)
  const { signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'verify', signal)
  const show = (reports: readonly PodReport[]) => textOf(reports, targets, flags.output, terminal)
  if (flags.watch === true) return await watchPods(cluster, targets, flags, terminal, show)
  const { meant, ended } = partEnded(await readTargets(cluster, targets, 'verify', signal), targets)
  const facts = rememberedFor(cluster.facts, factsLastMs, systemClock)
  const cgroups = cgroupSource(cluster, flags)
  const ports = { client: cluster.pods, cgroups, clock: systemClock, facts }
  const timeoutMs = flags.timeout ?? usualTimeoutMs
  const reports = await verifyPods(ports, meant, signal, { timeoutMs, atOnce: requestsAtOnce })
  if (ended.length > 0) terminal.stderr.write(`${endedText(ended.length)}\n`)
  else if (reports.length === 0) {
    terminal.stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
  }
  terminal.stdout.write(await show(reports))
  return exitOfReports(reports)
}

/** Looks on until Ctrl-C; the pods are told by the API, and writes to cgroup files by the kernel. */
async function watchPods(
  cluster: Cluster,
  targets: PodTargets,
  flags: VerifyFlags,
  terminal: Terminal,
  show: (reports: readonly PodReport[]) => Promise<string>,
): Promise<ExitCode> {
  const { signal } = terminal
  // While one waits for a container there is time for it, and not when that runs.
  if (flags.source === 'exec') void prepareExec()
  const few = targets.kind === 'named' && targets.names.length <= fewPods
  const lastsMs = few ? insideLastsMs.few : insideLastsMs.many
  const cgroups = cgroupSource(cluster, flags, { lastsMs })
  const facts = rememberedFor(cluster.facts, factsLastMs, systemClock)
  const options = { ages: findingAges(), timeoutMs: watchTimeoutMs, atOnce: requestsAtOnce }
  let pods: FollowedPods | undefined
  let aboveBefore = ''
  return await shownOnceOr(true, terminal, async () => {
    const all = await (pods?.now() ?? readTargets(cluster, targets, 'verify', signal))
    const { meant: found } = partEnded(all, targets)
    pods ??= followPods(cluster, targets, signal)
    const followed = pods
    const ports = { client: followed, cgroups, clock: systemClock, facts }
    let reports = await verifyPods(ports, found, signal, options)
    if (aboveOf(reports) !== aboveBefore) {
      // What is new above the pods may be a pod that the picture of the node does not have yet.
      facts.forget()
      reports = await verifyPods(ports, found, signal, options)
    }
    aboveBefore = aboveOf(reports)
    const paths = reports.flatMap(pathsOf)
    return {
      text: await show(reports),
      exit: exitOfReports(reports),
      changed: (until) =>
        Promise.race([
          followed.untilChanged(until),
          ...(cgroups.untilChanged === undefined ? [] : [cgroups.untilChanged(paths, until)]),
        ]),
    }
  })
}

/** What is wrong above the pods, in one text. */
function aboveOf(reports: readonly PodReport[]): string {
  const above = reports.flatMap(({ findings }) =>
    findings.flatMap(({ code, message }) => (code.startsWith('CG4') ? [`${code} ${message}`] : [])),
  )
  return above.join('\n')
}

const examples = `Show the size of a pod in five layers side by side: what is asked for, what the node has
granted, what it reports, and what the kernel's files say for the container and for the pod.
What is not settled is looked at again until --timeout; what still is not then ends with 5.

Examples:
  podfit verify web              # one pod
  podfit verify web db -n shop   # two pods of another namespace
  podfit verify -l app=shop      # all with this label
  podfit verify -A               # every pod that has not ended; in full only what is not well
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
