import type { Begun, JournalItem } from '../../operate/resize/journal.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import { mayHoldOurs, type Run } from '../../operate/resize/run.ts'
import { planResizes } from '../../operate/plan/plan-resize.ts'
import { prepareSize } from '../../operate/resize/prepare-resize.ts'
import { beginRun } from '../../operate/resize/run-resizes.ts'
import { addSourceFlag, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { CliError } from '../cli-error.ts'
import { confirmed } from '../runs/confirm.ts'
import {
  addConnectionFlags,
  originOf,
  type Cluster,
  type ConnectionFlags,
} from '../cluster/connection.ts'
import { requestsAtOnce } from '../cluster/targets.ts'
import { durationOption } from '../render/duration.ts'
import type { ExitCode } from '../exit-codes.ts'
import { newRunId, openJournalStore } from '../runs/journal-store.ts'
import { machineCgroups } from '../cgroups/machine-cgroups.ts'
import { podUses } from '../cgroups/pod-uses.ts'
import { groupTable } from '../render/group-lines.ts'
import { parseOutputFormat, type OutputFormat } from '../render/output.ts'
import { podLabels } from '../render/pod-labels.ts'
import { chosenRun } from '../runs/resume.ts'
import { openRunCluster } from '../runs/run-cluster.ts'
import { runToEnd, today } from '../runs/run-verb.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface UndoFlags extends ConnectionFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly timeout: number
  readonly yes?: boolean
}

/** Runs that may have left a size of theirs on a pod, and are not taken back. */
function canBeUndone({ items, finished, begun }: Run): boolean {
  return begun.undoes === undefined && finished?.end !== 'undone' && items.some(mayHoldOurs)
}

/** The way back for each pod that may have the run's size, the last one first. */
function wayBack({ begun, items }: Run): readonly JournalItem[] {
  return begun.items
    .filter((_, index) => {
      const progress = items[index]
      return progress !== undefined && mayHoldOurs(progress)
    })
    .map((item) => ({ ...item, from: item.to, to: item.from }))
    .toReversed()
}

/** Before and after of each pod that has the run's size still; others are shown when it comes to them. */
async function showWayBack(
  { items, undoes }: Pick<Begun, 'items' | 'undoes'>,
  cluster: Cluster,
  { source }: SourceFlags,
  { stderr, env, signal }: Terminal,
): Promise<void> {
  const found = await inParallel(items, requestsAtOnce, async (item) => {
    const ref = { namespace: item.namespace, name: item.name }
    const answer = await cluster.pods.read(ref, signal)
    if (answer.kind === 'missing' || answer.pod.metadata.uid !== item.uid) return []
    const prepared = prepareSize(answer.pod, item.container, item.to)
    return prepared === undefined ? [] : [{ ref, prepared }]
  })
  const members = found.flat()
  if (members.length === 0) {
    const message = `Cannot undo ${undoes}: none of its pods is there any more; podfit history lists other runs to name`
    throw new CliError('no', message)
  }
  const cgroups = machineCgroups()
  const ports = {
    client: cluster.pods,
    facts: cluster.facts,
    cgroups,
    uses: podUses(cluster, source, 'memory'),
  }
  const forecasts = await planResizes(ports, members, signal)
  const labelOf = podLabels(items)
  const rows = members.map(({ ref, prepared }, index) => ({
    pod: labelOf(ref),
    change: prepared.change,
    forecast: forecasts[index],
  }))
  stderr.write(groupTable(rows, paintFor(stderr, env)))
}

async function undo(
  id: string | undefined,
  flags: UndoFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const store = openJournalStore(terminal.env)
  const run = chosenRun(store.runs(), id, canBeUndone)
  if (run === undefined) throw new CliError('no', 'There is nothing to undo')
  const items = wayBack(run)
  if (items.length === 0 || run.finished?.end === 'undone') {
    const why = items.length === 0 ? 'it changed nothing that is left' : `it is undone already`
    throw new CliError('no', `Cannot undo ${run.begun.id}: ${why}`)
  }
  using _original = store.lock(run.begun.id)
  using cluster = await openRunCluster('undo', run, flags, terminal)
  await showWayBack({ items, undoes: run.begun.id }, cluster, flags, terminal)
  await confirmed(`Undo ${run.begun.id}?`, flags, terminal)
  const { wave, pauseMs } = run.begun
  const begun: Begun = {
    entry: 'begun',
    id: newRunId(new Date()),
    at: today(),
    ...(await originOf(cluster, terminal.signal)),
    items,
    wave,
    pauseMs,
    timeoutMs: flags.timeout,
    // Each pod that can go back should.
    onFailure: 'continue',
    undoes: run.begun.id,
  }
  using journal = store.open(begun.id)
  const back = beginRun(journal, begun)
  return await runToEnd({ run: back, journal, cluster, terminal, flags })
}

const examples = `Bring pods back to the size they had before a resize: the newest one, or the one named. Pods that
somebody else has resized since, or that were replaced, are left alone.

Examples:
  podfit undo                       # the newest resize
  podfit undo 20260131-235959-x7f   # another one; see podfit history
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addConnectionFlags(command))
    .argument('[id]', 'as podfit history shows it; its beginning will do')
    .addOption(durationOption('--timeout <duration>', 'for each pod', '1m'))
    .option('-y, --yes', 'do not ask on a terminal')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((id: string | undefined, flags: UndoFlags) => finish(undo(id, flags, terminal)))
}
