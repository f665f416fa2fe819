import type { Pod } from '../../domain/pod.ts'
import type { SizeRequest } from '../../domain/resize/request/size-request.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import { planResizes, type GroupMember, type PlanPorts } from '../../operate/plan/plan-resize.ts'
import type { PlanVerdict, ResizeForecast } from '../../operate/plan/resize-forecast.ts'
import { addSourceFlag, cgroupSource, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { CliError, usageError } from '../cli-error.ts'
import { oneMore, openCluster } from '../cluster/connection.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { imaginedFacts } from '../plan/imagined-node.ts'
import { manifestClient } from '../plan/manifest-client.ts'
import { readPodFile } from '../plan/manifest-pods.ts'
import { exitOfUnchanged, unchangedDocument } from '../plan/unchanged-pods.ts'
import { parseOutputFormat, renderDocuments, type OutputFormat } from '../render/output.ts'
import { forecastLines } from '../render/plan-lines.ts'
import { sentDocument } from '../render/resize-document.ts'
import { podLabels } from '../render/pod-labels.ts'
import { planLines } from '../render/resize-lines.ts'
import { podUses } from '../cgroups/pod-uses.ts'
import { resizeMembersOf, tellLeftOut, type ResizeMembers } from '../resize/resize-members.ts'
import { addSizeFlags, requestsIn, type SizeFlags } from '../resize/size-flags.ts'
import {
  addCarefulTargetFlags,
  isOneNamed,
  nothingFound,
  parseCarefulTargets,
  readTargets,
  type TargetFlags,
} from '../cluster/targets.ts'
import { podTargets, tellTemplate } from '../cluster/workload-target.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface PlanFlags extends TargetFlags, SizeFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly filename?: readonly string[]
  readonly nodeCpu?: string
  readonly nodeMemory?: string
}

interface Planned extends GroupMember {
  readonly forecast: ResizeForecast
}

const exitOfVerdict = {
  accepted: exitCodes.done,
  unjudged: exitCodes.warnings,
  deferred: exitCodes.no,
  infeasible: exitCodes.no,
  rejected: exitCodes.no,
  gone: exitCodes.no,
} as const satisfies Record<PlanVerdict, ExitCode>

/** What is taken with a warning, or was not judged in full, is no clean yes. */
function exitOf({ verdict, warnings, unseen }: ResizeForecast): ExitCode {
  const clean = warnings.length === 0 && unseen.length === 0
  return verdict === 'accepted' && !clean ? exitCodes.warnings : exitOfVerdict[verdict]
}

function planDocument({ ref, prepared, forecast }: Planned): object {
  return { ...sentDocument(ref, prepared), ...forecast }
}

async function print(
  planned: readonly Planned[],
  unchanged: readonly Pod[],
  output: OutputFormat | undefined,
  isOneNamed: boolean,
  { stdout, env }: Terminal,
): Promise<void> {
  if (output !== undefined) {
    const items = [...planned.map(planDocument), ...unchanged.map(unchangedDocument)]
    stdout.write(await renderDocuments(output, 'ResizePlan', items, isOneNamed))
    return
  }
  const paint = paintFor(stdout, env)
  const labelOf = podLabels(planned.map(({ ref }) => ref))
  const blocks = planned.map(({ ref, prepared, forecast }) => [
    ...planLines(labelOf(ref), prepared.change, paint),
    ...forecastLines(forecast, paint),
  ])
  stdout.write(blocks.map((lines) => `${lines.join('\n')}\n`).join('\n'))
}

async function plan(
  words: readonly string[],
  flags: PlanFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const requests = requestsIn('plan', flags)
  if (requests.length === 0) throw usageError('Cannot plan nothing: give --cpu, --memory or both')
  if (flags.filename !== undefined) return planFile(words, flags, requests, terminal)
  if (flags.nodeCpu !== undefined || flags.nodeMemory !== undefined) {
    throw usageError(
      'Cannot imagine a node for pods that have one: --node-cpu and --node-memory go with -f',
    )
  }
  const asked = parseCarefulTargets('plan', words, flags)
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'plan', terminal.signal)
  tellTemplate(asked, terminal)
  const pods = await readTargets(cluster, targets, 'plan', terminal.signal)
  if (pods.length === 0) throw new CliError('no', nothingFound(targets, cluster.namespace))
  // A shell in each container, only to know how its files are called, would be a lot.
  const source = flags.source === 'auto' ? 'machine' : flags.source
  const cgroups = cgroupSource(cluster, { ...flags, source })
  const ports = {
    client: cluster.pods,
    facts: cluster.facts,
    cgroups,
    uses: podUses(cluster, flags.source, 'memory'),
  }
  const selected = targets.kind === 'selected'
  const meant = resizeMembersOf(pods, { ...flags, requests, selected })
  return await planMembers(ports, meant, isOneNamed(targets), flags, terminal)
}

/** Without a cluster: the manifest's pods, as they would run. */
async function planFile(
  words: readonly string[],
  flags: PlanFlags,
  requests: readonly SizeRequest[],
  terminal: Terminal,
): Promise<ExitCode> {
  const { filename = [], nodeCpu, nodeMemory, selector, all, allNamespaces } = flags
  if (words.length > 0) throw usageError('Cannot plan with names and -f together: give one of them')
  if (selector !== undefined || all === true || allNamespaces === true) {
    throw usageError('Cannot plan with -f and choose pods of a cluster: give one of them')
  }
  if ((nodeCpu === undefined) !== (nodeMemory === undefined)) {
    throw usageError('Cannot imagine half a node: give --node-cpu and --node-memory, or neither')
  }
  const pods = (await inParallel(filename, 1, readPodFile)).flat()
  const facts = imaginedFacts({
    ...(nodeCpu !== undefined && { cpu: nodeCpu }),
    ...(nodeMemory !== undefined && { memory: nodeMemory }),
  })
  const look = () => Promise.resolve({ kind: 'unseen', why: 'the pod is only a manifest' } as const)
  const ports = { client: manifestClient(pods), facts, cgroups: { look } }
  const meant = resizeMembersOf(pods, { ...flags, requests, selected: false })
  return planMembers(ports, meant, pods.length === 1, flags, terminal)
}

async function planMembers(
  ports: PlanPorts,
  meant: ResizeMembers,
  isOneNamed: boolean,
  flags: PlanFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  tellLeftOut(meant, terminal)
  const { members, unchanged } = meant
  const forecasts = await planResizes(ports, members, terminal.signal)
  const planned = members.flatMap((member, index) => {
    const forecast = forecasts[index]
    return forecast === undefined ? [] : [{ ...member, forecast }]
  })
  await print(planned, unchanged, flags.output, isOneNamed, terminal)
  return worstExit([...forecasts.map(exitOf), ...unchanged.map(exitOfUnchanged)])
}

/** A no of one pod outweighs a warning about another. */
function worstExit(all: readonly ExitCode[]): ExitCode {
  const exits = new Set(all)
  return [exitCodes.no, exitCodes.warnings].find((exit) => exits.has(exit)) ?? exitCodes.done
}

const examples = `Say what would happen to a resize, without changing anything: taken now, deferred (and who holds
the room), infeasible, or rejected; whether it restarts; what the cgroup files will say; the
largest size that fits now.

Examples:
  podfit plan web --cpu 500m:1 --memory 1Gi
  podfit plan web api -c app --cpu +50%       # several pods, in this order
  podfit plan -l app=shop --cpu +50%          # all with this label
  podfit plan -f web.yaml --cpu x2 --node-cpu 4 --node-memory 16Gi   # without a cluster
  podfit plan web --memory x2 -o json         # for programs; exit code 3 for a no, 4 if not all was judged
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addSizeFlags(addCarefulTargetFlags(command)))
    .option(
      '-f, --filename <file>',
      'plan with the pods and pod templates of manifests, without a cluster; - is stdin',
      oneMore,
    )
    .option('--node-cpu <quantity>', 'with -f: what a node has for pods, such as 4')
    .option('--node-memory <quantity>', 'with -f: what a node has for pods, such as 16Gi')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((names: string[], flags: PlanFlags) => finish(plan(names, flags, terminal)))
}
