import type { Command } from 'commander'
import { resourcesOf } from '../../domain/resources/size.ts'
import type { Begun } from '../../operate/resize/journal.ts'
import { planResizes, type GroupMember } from '../../operate/plan/plan-resize.ts'
import type { ResizeForecast } from '../../operate/plan/resize-forecast.ts'
import { beginRun } from '../../operate/resize/run-resizes.ts'
import { CliError, usageError } from '../cli-error.ts'
import { confirmed } from '../runs/confirm.ts'
import { openCluster, originOf } from '../cluster/connection.ts'
import type { ExitCode } from '../exit-codes.ts'
import { newRunId, openJournalStore } from '../runs/journal-store.ts'
import { machineCgroups } from '../cgroups/machine-cgroups.ts'
import { podUses } from '../cgroups/pod-uses.ts'
import { addResizeFlags, type ResizeCall, type ResizeFlags } from '../resize/resize-flags.ts'
import { resizeMembersOf, tellLeftOut } from '../resize/resize-members.ts'
import { printDryRun, showPlan, stopIfHopeless } from '../resize/resize-preview.ts'
import { resume } from '../runs/resume.ts'
import { runToEnd, today } from '../runs/run-verb.ts'
import { requestsIn } from '../resize/size-flags.ts'
import { isOneNamed, nothingFound, parseCarefulTargets, readTargets } from '../cluster/targets.ts'
import { podTargets, tellTemplate } from '../cluster/workload-target.ts'
import type { Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'
import { verifyUnchanged } from '../resize/verify-unchanged.ts'
import { waveSize } from '../resize/wave.ts'

/** The run as its journal will begin with it. */
async function begunWith(
  members: readonly GroupMember[],
  forecasts: readonly ResizeForecast[],
  { flags, cluster, terminal }: ResizeCall,
): Promise<Begun> {
  return {
    entry: 'begun',
    id: newRunId(new Date()),
    at: today(),
    ...(await originOf(cluster, terminal.signal)),
    items: members.map(({ ref, prepared: { change, read } }, index) => ({
      ...ref,
      ...(read.metadata.uid === undefined ? {} : { uid: read.metadata.uid }),
      container: change.container,
      from: resourcesOf(change.before),
      // With what the server fills in: a later look at the pod finds that.
      to: forecasts[index]?.after ?? resourcesOf(change.after),
    })),
    wave: waveSize(flags.wave, members.length),
    pauseMs: flags.pause,
    timeoutMs: flags.timeout,
    onFailure: flags.onFailure,
  }
}

async function resizeMembers(members: readonly GroupMember[], call: ResizeCall): Promise<ExitCode> {
  const { flags, terminal, cluster } = call
  if (flags.dryRun === 'client') {
    showPlan(members, undefined, terminal)
    return printDryRun(members, undefined, call)
  }
  const cgroups = machineCgroups()
  const ports = {
    client: cluster.pods,
    facts: cluster.facts,
    cgroups,
    uses: podUses(cluster, flags.source, 'memory'),
  }
  const forecasts = await planResizes(ports, members, terminal.signal)
  showPlan(members, forecasts, terminal)
  await stopIfHopeless(members, forecasts, call)
  if (flags.dryRun === 'server') return printDryRun(members, forecasts, call)
  const question = members.length === 1 ? 'Resize?' : `Resize ${members.length} pods?`
  await confirmed(question, flags, terminal)
  const begun = await begunWith(members, forecasts, call)
  using journal = openJournalStore(terminal.env).open(begun.id)
  const run = beginRun(journal, begun)
  return await runToEnd({ run, journal, ...call })
}

/** What a run does, to whom and how, was said when it began. */
const saidBefore: ReadonlySet<string> = new Set([
  '--selector',
  '--all',
  '--all-namespaces',
  '--container',
  '--pod-level',
  '--cpu',
  '--memory',
  '--wave',
  '--pause',
  '--on-failure',
  '--dry-run',
])

/** @throws CliError (usage) for flags that would be overlooked, as a dry run that is none. */
function refuseWithResume(given: ReadonlySet<string>): void {
  const overlooked = [...given].filter((flag) => saidBefore.has(flag))
  if (overlooked.length === 0) return
  const message = `Cannot use ${overlooked.join(' and ')} with --resume: the run goes on as it began; podfit history shows it`
  throw usageError(message)
}

async function resize(
  words: readonly string[],
  flags: ResizeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (flags.resume === true) {
    const { timeout, given, ...others } = flags
    refuseWithResume(given)
    return resume(words, { ...others, ...(given.has('--timeout') && { timeout }) }, terminal)
  }
  const requests = requestsIn('resize', flags)
  if (requests.length === 0) {
    throw usageError('Cannot resize to nothing: give --cpu, --memory or both')
  }
  waveSize(flags.wave, 1)
  const asked = parseCarefulTargets('resize', words, flags)
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'resize', terminal.signal)
  tellTemplate(asked, terminal)
  const pods = await readTargets(cluster, targets, 'resize', terminal.signal)
  if (pods.length === 0) throw new CliError('no', nothingFound(targets, cluster.namespace))
  const call = { flags, terminal, cluster, isOneNamed: isOneNamed(targets) }
  const selected = targets.kind === 'selected'
  const meant = resizeMembersOf(pods, { ...flags, requests, selected })
  tellLeftOut(meant, terminal)
  const { members, unchanged } = meant
  if (members.length > 0) return await resizeMembers(members, call)
  if (unchanged.length > 0) return await verifyUnchanged(unchanged, call)
  throw new CliError('no', 'Cannot resize: none of the pods runs any more')
}

const examples = `Change the CPU and memory of running pods in place, and follow it into the kernel. Several pods
go in waves: the next one only when the last is verified. Each run has a journal; what was
killed half-way is carried on by --resume, and podfit undo takes a run back.

Examples:
  podfit resize web --cpu 500m:1 --memory 1Gi   # request:limit, both resources at once
  podfit resize web --cpu +20%                  # relative: also -100m, x2
  podfit resize web --cpu :2                    # only the limit; the request stays
  podfit resize web -c app --memory 512Mi:1Gi   # one of several containers
  podfit resize web --pod-level --cpu 1:2       # the pod's own size (spec.resources; 1.36+)
  podfit resize -l app=shop --cpu +20% --wave 20% --on-failure rollback
  podfit resize deploy/shop --cpu +20%          # the pods that a workload has now; its template stays
  podfit resize web --cpu x2 --dry-run=server   # would the API server take it?
  podfit resize --resume                        # carry on what was interrupted

One value without a colon is the request, and the limit too where the two are equal now.
`

function givenFlags(command: Command): ReadonlySet<string> {
  const given = command.options.filter(
    (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  return new Set(given.map(({ long }) => long ?? ''))
}

export function define({ command, terminal, finish }: VerbContext): void {
  addResizeFlags(command)
    .addHelpText('before', examples)
    .action((words: string[], flags: Omit<ResizeFlags, 'given'>) =>
      finish(resize(words, { ...flags, given: givenFlags(command) }, terminal)),
    )
}
