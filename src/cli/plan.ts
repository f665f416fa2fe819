import type { SizeRequest } from '../domain/resize/size-request.ts'
import { planResizeOf, type PlanVerdict, type ResizeForecast } from '../operate/plan-resize.ts'
import type { PodRef } from '../operate/pod-client.ts'
import { prepareResize, type PreparedResize } from '../operate/prepare-resize.ts'
import { CliError, usageError } from './cli-error.ts'
import {
  addConnectionFlags,
  openCluster,
  type Cluster,
  type ConnectionFlags,
} from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { parsePodName } from './pod-names.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { forecastLines } from './render/plan-lines.ts'
import { sentDocument } from './render/resize-document.ts'
import { planLines } from './render/resize-lines.ts'
import { parseSize } from './size-flag.ts'
import { paintFor, type Terminal } from './terminal.ts'
import type { VerbContext } from './verb.ts'

interface PlanFlags extends ConnectionFlags {
  readonly container?: string
  readonly cpu?: SizeRequest
  readonly memory?: SizeRequest
  readonly output?: OutputFormat
}

interface Planned {
  readonly ref: PodRef
  readonly prepared: PreparedResize
  readonly forecast: ResizeForecast
}

const exitOfVerdict = {
  accepted: exitCodes.done,
  deferred: exitCodes.no,
  infeasible: exitCodes.no,
  rejected: exitCodes.no,
  gone: exitCodes.no,
} as const satisfies Record<PlanVerdict, ExitCode>

async function planOne(
  cluster: Cluster,
  ref: PodRef,
  flags: PlanFlags,
  requests: readonly SizeRequest[],
  signal: AbortSignal,
): Promise<Planned | undefined> {
  const answer = await cluster.pods.read(ref, signal)
  if (answer.kind === 'missing') {
    throw new CliError(
      'no',
      `Cannot plan: there is no pod ${ref.name} in namespace ${ref.namespace}`,
    )
  }
  const prepared = prepareResize(answer.pod, flags.container, requests)
  switch (prepared.kind) {
    case 'unusable':
      throw usageError(prepared.message)
    case 'impossible':
      throw new CliError('no', prepared.message)
    case 'unchanged':
      return undefined
    case 'ready': {
      const ports = { client: cluster.pods, facts: cluster.facts, cgroups: machineCgroups() }
      const forecast = await planResizeOf(ports, ref, prepared.resize, signal)
      return { ref, prepared: prepared.resize, forecast }
    }
    default:
      return prepared satisfies never
  }
}

function planDocument({ ref, prepared, forecast }: Planned): object {
  return { ...sentDocument(ref, prepared), ...forecast }
}

async function print(
  planned: readonly Planned[],
  output: OutputFormat | undefined,
  { stdout, env }: Terminal,
): Promise<void> {
  if (output !== undefined) {
    const items = planned.map(planDocument)
    const [only] = items
    stdout.write(
      only !== undefined && items.length === 1
        ? await renderDocument(output, 'ResizePlan', only)
        : await renderDocument(output, 'ResizePlanList', { items }),
    )
    return
  }
  const paint = paintFor(stdout, env)
  const blocks = planned.map(({ ref, prepared, forecast }) => [
    ...planLines(ref.name, prepared.change, paint),
    ...forecastLines(forecast, paint),
  ])
  stdout.write(blocks.map((lines) => `${lines.join('\n')}\n`).join('\n'))
}

async function plan(
  names: readonly string[],
  flags: PlanFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const requests = [flags.cpu, flags.memory].filter((request) => request !== undefined)
  if (requests.length === 0) throw usageError('Cannot plan nothing: give --cpu, --memory or both')
  const pods = names.map(parsePodName)
  using cluster = await openCluster(flags, terminal)
  const { namespace } = cluster
  const all = await Promise.all(
    pods.map((name) => planOne(cluster, { namespace, name }, flags, requests, terminal.signal)),
  )
  for (const [index, name] of pods.entries()) {
    if (all[index] === undefined) terminal.stderr.write(`pod ${name} has this size already\n`)
  }
  const planned = all.filter((one) => one !== undefined)
  await print(planned, flags.output, terminal)
  return (
    planned.map(({ forecast }) => exitOfVerdict[forecast.verdict]).find(Boolean) ?? exitCodes.done
  )
}

const examples = `Say what would happen to a resize, without changing anything: taken now, deferred (and who holds
the room), infeasible, or rejected; whether it restarts; what the cgroup files will say; the
largest size that fits now.

Examples:
  podfit plan web --cpu 500m:1 --memory 1Gi
  podfit plan web api -c app --cpu +50%       # several pods
  podfit plan web --memory x2 -o json         # for programs; exit code 3 unless it is taken now
`

export function define({ command, terminal, finish }: VerbContext): void {
  addConnectionFlags(command.argument('<pods...>', 'NAME or pod/NAME'))
    .option('-c, --container <name>', 'container, where a pod has several')
    .option('--cpu <req[:lim]>', 'CPU request and limit', parseSize('cpu'))
    .option('--memory <req[:lim]>', 'memory request and limit', parseSize('memory'))
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((names: string[], flags: PlanFlags) => finish(plan(names, flags, terminal)))
}
