import { type Pod } from '../domain/pod.ts'
import { type SizeRequest } from '../domain/resize/size-request.ts'
import { type ApiRefusal, type PodRef } from '../operate/pod-client.ts'
import { prepareResize, type PreparedResize } from '../operate/prepare-resize.ts'
import { resizePod, type ResizeEnd } from '../operate/resize-pod.ts'
import { verifyPod } from '../operate/verify-pod.ts'
import { CliError, usageError } from './cli-error.ts'
import { confirm } from './confirm.ts'
import {
  addConnectionFlags,
  openCluster,
  type Cluster,
  type ConnectionFlags,
} from './connection.ts'
import { parseDuration } from './duration.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { parsePodName } from './pod-names.ts'
import { exitOfEnd, verdictOf } from './resize-verdict.ts'
import { liveLines } from './render/live-lines.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { renderPodReport } from './render/pod-report-table.ts'
import { resizeDocument, sentDocument } from './render/resize-document.ts'
import { layerLines, planLines } from './render/resize-lines.ts'
import { createNotes } from './render/resize-notes.ts'
import { parseSize } from './size-flag.ts'
import { systemClock } from './system-clock.ts'
import { paintFor, type Terminal } from './terminal.ts'
import { type VerbContext } from './verb.ts'

const dryRuns = ['client', 'server'] as const

interface ResizeFlags extends ConnectionFlags {
  readonly container?: string
  readonly cpu?: SizeRequest
  readonly memory?: SizeRequest
  readonly output?: OutputFormat
  readonly timeout: number
  readonly dryRun?: (typeof dryRuns)[number]
  readonly yes?: boolean
}

/** One call of the verb: what every step needs. */
interface Run {
  readonly ref: PodRef
  readonly flags: ResizeFlags
  readonly terminal: Terminal
  readonly cluster: Cluster
}

function parseDryRun(text: string): (typeof dryRuns)[number] {
  const known = dryRuns.find((name) => name === text)
  if (known !== undefined) return known
  throw usageError(`Cannot run dry as '${text}': --dry-run takes client or server`)
}

/** The API server's own words, as kubectl shows them. */
function refused({ reason, message }: ApiRefusal): CliError {
  return new CliError('no', `The API server refuses (${reason}): ${message}`)
}

function noSuchPod({ ref }: Run): CliError {
  return new CliError(
    'no',
    `Cannot resize: there is no pod ${ref.name} in namespace ${ref.namespace}`,
  )
}

async function readPod(run: Run): Promise<Pod> {
  const answer = await run.cluster.pods.read(run.ref, run.terminal.signal)
  if (answer.kind === 'missing') throw noSuchPod(run)
  return answer.pod
}

async function printDocument(run: Run, kind: string, content: object): Promise<void> {
  const { output } = run.flags
  if (output !== undefined) run.terminal.stdout.write(await renderDocument(output, kind, content))
}

/** The size is there already: nothing is sent, but whether the kernel has it is still worth a look. */
async function verifyUnchanged(run: Run): Promise<ExitCode> {
  const { ref, terminal, flags } = run
  const { stdout, stderr, env, signal } = terminal
  stderr.write(`pod ${ref.name} has this size already: nothing to send\n`)
  const ports = { client: run.cluster.pods, cgroups: machineCgroups(), clock: systemClock }
  const answer = await verifyPod(ports, ref, signal)
  if (answer.kind === 'missing') throw noSuchPod(run)
  const { report } = answer
  await printDocument(run, 'VerifyReport', podReportDocument(report))
  if (flags.output === undefined) stdout.write(renderPodReport(report, paintFor(stdout, env)))
  if (report.verdict === 'drift') return exitCodes.no
  return report.verdict === 'verified' ? exitCodes.done : exitCodes.warnings
}

async function dryRun(run: Run, resize: PreparedResize): Promise<ExitCode> {
  const { ref, flags, terminal, cluster } = run
  const where = flags.dryRun ?? 'client'
  if (where === 'server') {
    const how = { subresource: 'resize', dryRun: true } as const
    const { patch } = resize
    const first = await cluster.pods.patch(ref, patch, how, terminal.signal)
    const answer =
      first.kind === 'noSubresource'
        ? await cluster.pods.patch(ref, patch, { ...how, subresource: undefined }, terminal.signal)
        : first
    if (answer.kind === 'refused') throw refused(answer.refusal)
    if (answer.kind !== 'pod') throw noSuchPod(run)
  }
  await printDocument(run, 'ResizePlan', { ...sentDocument(ref, resize), dryRun: where })
  if (flags.output === undefined) {
    const what = where === 'server' ? 'accepted by the API server' : 'not sent'
    terminal.stdout.write(`pod ${ref.name}: ${what} (dry run)\n`)
  }
  return exitCodes.done
}

async function sendAndFollow(run: Run, resize: PreparedResize): Promise<ResizeEnd> {
  const { ref, flags, terminal, cluster } = run
  const { stderr, env, signal } = terminal
  const paint = paintFor(stderr, env)
  const lines = liveLines(stderr, env)
  const notesOf = createNotes(paint)
  try {
    const end = await resizePod(
      { client: cluster.pods, cgroups: machineCgroups(), clock: systemClock },
      ref,
      resize,
      {
        timeoutMs: flags.timeout,
        signal,
        onState(state) {
          for (const note of notesOf(state)) lines.say(note)
          lines.show(layerLines(state, paint))
        },
      },
    )
    if (end.kind !== 'followed') lines.clear()
    return end
  } catch (error) {
    if (!signal.aborted) throw error
    const message = `Interrupted: the node carries the resize on by itself; look with podfit verify ${ref.name}`
    throw new CliError('interrupted', message, { cause: error })
  } finally {
    lines.end()
  }
}

async function resize(name: string, flags: ResizeFlags, terminal: Terminal): Promise<ExitCode> {
  const requests = [flags.cpu, flags.memory].filter((request) => request !== undefined)
  if (requests.length === 0) {
    throw usageError('Cannot resize to nothing: give --cpu, --memory or both')
  }
  const podName = parsePodName(name)
  using cluster = await openCluster(flags, terminal)
  const ref = { namespace: cluster.namespace, name: podName }
  const run: Run = { ref, flags, terminal, cluster }

  const prepared = prepareResize(await readPod(run), flags.container, requests)
  if (prepared.kind === 'unusable') throw usageError(prepared.message)
  if (prepared.kind === 'impossible') throw new CliError('no', prepared.message)
  if (prepared.kind === 'unchanged') return verifyUnchanged(run)

  const { stderr, stdout, env } = terminal
  const plan = planLines(ref.name, prepared.resize.change, paintFor(stderr, env))
  stderr.write(`${plan.join('\n')}\n`)
  if (flags.dryRun !== undefined) return dryRun(run, prepared.resize)
  if (flags.yes !== true && !(await confirm('Resize?', terminal))) {
    throw new CliError('no', 'Not confirmed: nothing was sent')
  }

  const end = await sendAndFollow(run, prepared.resize)
  if (end.kind === 'missing') throw noSuchPod(run)
  await printDocument(run, 'ResizeReport', resizeDocument(ref, prepared.resize, end))
  if (end.kind === 'refused') throw refused(end.refusal)
  if (flags.output === undefined) {
    stdout.write(`${verdictOf(ref, prepared.resize, end, paintFor(stdout, env))}\n`)
  }
  return exitCodes[exitOfEnd(end)]
}

const examples = `Change the CPU and memory of a running pod in place, and follow it into the kernel.

Examples:
  podfit resize web --cpu 500m:1 --memory 1Gi   # request:limit, both resources at once
  podfit resize web --cpu +20%                  # relative: also -100m, x2
  podfit resize web --cpu :2                    # only the limit; the request stays
  podfit resize web -c app --memory 512Mi:1Gi   # one of several containers
  podfit resize web --cpu x2 --dry-run=server   # would the API server take it?

One value without a colon is the request, and the limit too where the two are equal now.
`

export function define({ command, terminal, finish }: VerbContext): void {
  addConnectionFlags(command.argument('<pod>', 'NAME or pod/NAME'))
    .option('-c, --container <name>', 'container, where the pod has several')
    .option('--cpu <req[:lim]>', 'CPU request and limit', parseSize('cpu'))
    .option('--memory <req[:lim]>', 'memory request and limit', parseSize('memory'))
    .option('--timeout <duration>', 'how long to follow it (default: 60s)', parseDuration, 60_000)
    .option('--dry-run <where>', 'send nothing (client), or change nothing (server)', parseDryRun)
    .option('-y, --yes', 'do not ask on a terminal')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((name: string, flags: ResizeFlags) => finish(resize(name, flags, terminal)))
}
