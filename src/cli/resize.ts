import type { Pod } from '../domain/pod.ts'
import type { SizeRequest } from '../domain/resize/size-request.ts'
import { resourcesOf } from '../domain/resources.ts'
import { inParallel } from '../operate/in-parallel.ts'
import { failurePolicies, type Begun, type FailurePolicy } from '../operate/journal.ts'
import {
  planResizes,
  type GroupMember,
  type PlanVerdict,
  type ResizeForecast,
} from '../operate/plan-resize.ts'
import type { PodReport } from '../operate/pod-report.ts'
import { prepareResize } from '../operate/prepare-resize.ts'
import { beginRun } from '../operate/run-resizes.ts'
import { verifyPod } from '../operate/verify-pod.ts'
import { CliError, usageError } from './cli-error.ts'
import { confirm } from './confirm.ts'
import { flagsToReturn, openCluster, type Cluster } from './connection.ts'
import { parseDuration } from './duration.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { newRunId, openJournalStore } from './journal-store.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { groupTable } from './render/group-lines.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { reasonLines } from './render/plan-lines.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import { sentDocument } from './render/resize-document.ts'
import { planLines } from './render/resize-lines.ts'
import { refusedLine } from './resize-verdict.ts'
import { resume } from './resume.ts'
import { runToEnd, today } from './run-verb.ts'
import { parseSize } from './size-flag.ts'
import { systemClock } from './system-clock.ts'
import {
  addCarefulTargetFlags,
  nothingFound,
  parseCarefulTargets,
  readTargets,
  refOf,
  requestsAtOnce,
  type TargetFlags,
} from './targets.ts'
import { paintFor, type Terminal } from './terminal.ts'
import type { VerbContext } from './verb.ts'
import { waveSize } from './wave.ts'

const dryRuns = ['client', 'server'] as const

interface ResizeFlags extends TargetFlags {
  readonly container?: string
  readonly cpu?: SizeRequest
  readonly memory?: SizeRequest
  readonly output?: OutputFormat
  readonly timeout: number
  readonly dryRun?: (typeof dryRuns)[number]
  readonly yes?: boolean
  readonly wave: string
  readonly pause: number
  readonly onFailure: FailurePolicy
  readonly resume?: boolean
}

/** One call of the verb: what every step needs. */
interface Call {
  readonly flags: ResizeFlags
  readonly terminal: Terminal
  readonly cluster: Cluster
}

function parseDryRun(text: string): (typeof dryRuns)[number] {
  const known = dryRuns.find((name) => name === text)
  if (known !== undefined) return known
  throw usageError(`Cannot run dry as '${text}': --dry-run takes client or server`)
}

function parseFailurePolicy(text: string): FailurePolicy {
  const known = failurePolicies.find((name) => name === text)
  if (known !== undefined) return known
  throw usageError(
    `Cannot '${text}' on a failure: --on-failure takes ${failurePolicies.join(', ')}`,
  )
}

interface Prepared {
  readonly members: readonly GroupMember[]
  /** Those that have the size already. */
  readonly unchanged: readonly Pod[]
}

/** The change of every pod, before anything is sent to any of them. */
function preparedOf(
  pods: readonly Pod[],
  flags: ResizeFlags,
  requests: readonly SizeRequest[],
): Prepared {
  const members: GroupMember[] = []
  const unchanged: Pod[] = []
  for (const pod of pods) {
    const prepared = prepareResize(pod, flags.container, requests)
    switch (prepared.kind) {
      case 'unusable':
        throw usageError(prepared.message)
      case 'impossible':
        throw new CliError('no', prepared.message)
      case 'unchanged':
        unchanged.push(pod)
        break
      case 'ready':
        members.push({ ref: refOf(pod), prepared: prepared.resize })
        break
      default:
        return prepared satisfies never
    }
  }
  return { members, unchanged }
}

/** The size is there already: nothing is sent, but whether the kernel has it is still worth a look. */
async function verifyUnchanged(pods: readonly Pod[], call: Call): Promise<ExitCode> {
  const { terminal, cluster, flags } = call
  const { stdout, env, signal } = terminal
  const ports = { client: cluster.pods, cgroups: machineCgroups(), clock: systemClock }
  const answers = await inParallel(pods, requestsAtOnce, (pod) =>
    verifyPod(ports, refOf(pod), signal, pod),
  )
  const reports = answers.flatMap((answer) => (answer.kind === 'report' ? [answer.report] : []))
  const [only] = reports
  if (flags.output !== undefined) {
    stdout.write(
      only !== undefined && pods.length === 1
        ? await renderDocument(flags.output, 'VerifyReport', podReportDocument(only))
        : await renderDocument(flags.output, 'VerifyReportList', {
            items: reports.map(podReportDocument),
          }),
    )
  } else {
    const paint = paintFor(stdout, env)
    stdout.write(reports.map((report) => renderPodReport(report, paint)).join('\n'))
  }
  return exitOfReports(reports)
}

function exitOfReports(reports: readonly PodReport[]): ExitCode {
  if (reports.some(({ verdict }) => verdict === 'drift')) return exitCodes.no
  return reports.every(({ verdict }) => verdict === 'verified')
    ? exitCodes.done
    : exitCodes.warnings
}

/** What is about to happen, for people. */
function showPlan(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[] | undefined,
  { stderr, env }: Terminal,
): void {
  const paint = paintFor(stderr, env)
  const reasons = (forecast: ResizeForecast | undefined): readonly string[] =>
    forecast === undefined ? [] : reasonLines(forecast, paint)
  const [only] = members
  if (only !== undefined && members.length === 1) {
    const lines = planLines(only.ref.name, only.prepared.change, paint)
    stderr.write([...lines, ...reasons(forecasts?.[0])].map((line) => `${line}\n`).join(''))
    return
  }
  const rows = members.map(({ ref, prepared }, index) => ({
    pod: ref.name,
    change: prepared.change,
    forecast: forecasts?.[index],
  }))
  stderr.write(groupTable(rows, paint))
  for (const [index, { ref }] of members.entries()) {
    const lines = reasons(forecasts?.[index])
    if (lines.length > 0) stderr.write([`${ref.name}:`, ...lines, ''].join('\n'))
  }
}

const hopeless: ReadonlySet<PlanVerdict> = new Set(['rejected', 'infeasible', 'gone'])

/** Nothing is sent to any pod while one of them is certain not to get its size. */
function stopIfHopeless(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[],
): void {
  for (const [index, { verdict, refusal, forecast }] of forecasts.entries()) {
    if (!hopeless.has(verdict)) continue
    const name = members[index]?.ref.name ?? ''
    if (refusal !== undefined) throw refusedLine(refusal)
    const why = forecast?.kind === 'infeasible' ? forecast.message : 'it was deleted meanwhile'
    throw new CliError('no', `Cannot resize pod ${name}: ${why}; nothing was sent`)
  }
}

async function printDryRun(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[] | undefined,
  { flags, terminal }: Call,
): Promise<ExitCode> {
  const where = flags.dryRun ?? 'client'
  const items = members.map(({ ref, prepared }, index) => ({
    ...sentDocument(ref, prepared),
    ...forecasts?.[index],
    dryRun: where,
  }))
  const [only] = items
  if (flags.output === undefined) {
    const what = where === 'server' ? 'accepted by the API server' : 'not sent'
    const lines = members.map(({ ref }) => `pod ${ref.name}: ${what} (dry run)\n`)
    terminal.stdout.write(lines.join(''))
  } else {
    terminal.stdout.write(
      only !== undefined && items.length === 1
        ? await renderDocument(flags.output, 'ResizePlan', only)
        : await renderDocument(flags.output, 'ResizePlanList', { items }),
    )
  }
  return exitCodes.done
}

/** The run as its journal will begin with it. */
function begunWith(members: readonly GroupMember[], { flags, cluster }: Call): Begun {
  return {
    entry: 'begun',
    id: newRunId(new Date()),
    at: today(),
    server: cluster.server,
    connection: flagsToReturn(flags),
    items: members.map(({ ref, prepared: { change, read } }) => ({
      ...ref,
      ...(read.metadata.uid === undefined ? {} : { uid: read.metadata.uid }),
      container: change.container,
      from: resourcesOf(change.before),
      to: resourcesOf(change.after),
    })),
    wave: waveSize(flags.wave, members.length),
    pauseMs: flags.pause,
    timeoutMs: flags.timeout,
    onFailure: flags.onFailure,
  }
}

async function resizeMembers(members: readonly GroupMember[], call: Call): Promise<ExitCode> {
  const { flags, terminal, cluster } = call
  if (flags.dryRun === 'client') {
    showPlan(members, undefined, terminal)
    return printDryRun(members, undefined, call)
  }
  const cgroups = machineCgroups()
  const ports = { client: cluster.pods, facts: cluster.facts, cgroups, usage: cgroups }
  const forecasts = await planResizes(ports, members, terminal.signal)
  showPlan(members, forecasts, terminal)
  stopIfHopeless(members, forecasts)
  if (flags.dryRun === 'server') return printDryRun(members, forecasts, call)
  const question = members.length === 1 ? 'Resize?' : `Resize ${members.length} pods?`
  if (flags.yes !== true && !(await confirm(question, terminal))) {
    throw new CliError('no', 'Not confirmed: nothing was sent')
  }
  const begun = begunWith(members, call)
  using journal = openJournalStore(terminal.env).open(begun.id)
  const run = beginRun(journal, begun)
  return await runToEnd({ run, journal, cluster, terminal, output: flags.output })
}

async function resize(
  words: readonly string[],
  flags: ResizeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.resume === true) return resume(words, flags, terminal)
  const requests = [flags.cpu, flags.memory].filter((request) => request !== undefined)
  if (requests.length === 0) {
    throw usageError('Cannot resize to nothing: give --cpu, --memory or both')
  }
  waveSize(flags.wave, 1)
  const targets = parseCarefulTargets('resize', words, flags)
  using cluster = await openCluster(flags, terminal)
  const pods = await readTargets(cluster, targets, 'resize', terminal.signal)
  if (pods.length === 0) throw new CliError('no', nothingFound(targets, cluster.namespace))
  const call = { flags, terminal, cluster }
  const { members, unchanged } = preparedOf(pods, flags, requests)
  for (const { metadata } of unchanged) {
    terminal.stderr.write(`pod ${metadata.name} has this size already: nothing to send\n`)
  }
  return await (members.length === 0
    ? verifyUnchanged(unchanged, call)
    : resizeMembers(members, call))
}

const examples = `Change the CPU and memory of running pods in place, and follow it into the kernel. Several pods
go in waves: the next one only when the last is verified. Each run has a journal; what was
killed half-way is carried on by --resume, and podfit undo takes a run back.

Examples:
  podfit resize web --cpu 500m:1 --memory 1Gi   # request:limit, both resources at once
  podfit resize web --cpu +20%                  # relative: also -100m, x2
  podfit resize web --cpu :2                    # only the limit; the request stays
  podfit resize web -c app --memory 512Mi:1Gi   # one of several containers
  podfit resize -l app=shop --cpu +20% --wave 20% --on-failure rollback
  podfit resize web --cpu x2 --dry-run=server   # would the API server take it?
  podfit resize --resume                        # carry on what was interrupted

One value without a colon is the request, and the limit too where the two are equal now.
`

export function define({ command, terminal, finish }: VerbContext): void {
  addCarefulTargetFlags(command)
    .option('-c, --container <name>', 'container, where a pod has several')
    .option('--cpu <req[:lim]>', 'CPU request and limit', parseSize('cpu'))
    .option('--memory <req[:lim]>', 'memory request and limit', parseSize('memory'))
    .option('--wave <n|%>', 'pods that go at once: 3, or 20% of them', '1')
    .option('--pause <duration>', 'between waves', parseDuration, 0)
    .option('--on-failure <act>', 'stop, rollback or continue', parseFailurePolicy, 'stop')
    .option('--resume', 'carry on the newest run that was interrupted, or the one named')
    .option('--timeout <duration>', 'for each pod (default: 60s)', parseDuration, 60_000)
    .option('--dry-run <where>', 'send nothing (client), or change nothing (server)', parseDryRun)
    .option('-y, --yes', 'do not ask on a terminal')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: ResizeFlags) => finish(resize(words, flags, terminal)))
}
