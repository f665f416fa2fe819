import type { Run } from '../../operate/resize/run.ts'
import type { SourceFlags } from '../cgroups/cgroup-sources.ts'
import { CliError, usageError } from '../cli-error.ts'
import { confirmed } from './confirm.ts'
import type { ConnectionFlags } from '../cluster/connection.ts'
import type { ExitCode } from '../exit-codes.ts'
import { openJournalStore } from './journal-store.ts'
import type { OutputFormat } from '../render/output.ts'
import { runTable } from '../render/run-lines.ts'
import { openRunCluster } from './run-cluster.ts'
import { runToEnd } from './run-verb.ts'
import type { Terminal } from '../terminal.ts'

/** The run with this id, or the newest for which `fits` holds. */
export function chosenRun(
  runs: readonly Run[],
  id: string | undefined,
  fits: (run: Run) => boolean,
): Run | undefined {
  if (id === undefined) return runs.findLast(fits)
  const found = runs.filter(({ begun }) => begun.id.startsWith(id))
  const [only] = found
  if (found.length > 1) throw usageError(`Cannot choose a run: several begin with ${id}`)
  if (only === undefined) {
    throw new CliError('error', `Cannot find a run ${id}; podfit history lists those there are`)
  }
  return only
}

interface ResumeFlags extends ConnectionFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly yes?: boolean
  /** For each pod, in milliseconds. @default as long as the run began with */
  readonly timeout?: number
}

/** `podfit resize --resume [ID]` */
export async function resume(
  [id, ...more]: readonly string[],
  flags: ResumeFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  if (more.length > 0)
    throw usageError('Cannot resume several runs: name one, or none for the newest')
  const store = openJournalStore(terminal.env)
  const run = chosenRun(store.runs(), id, ({ finished }) => finished === undefined)
  if (run === undefined) {
    throw new CliError('no', 'There is nothing to carry on: every run has come to its end')
  }
  if (run.finished !== undefined) {
    const message = `Cannot carry on ${run.begun.id}: it has come to its end (${run.finished.end})`
    throw new CliError('no', message)
  }
  const { undoes } = run.begun
  using _undone = undoes === undefined ? undefined : store.lock(undoes)
  using cluster = await openRunCluster('carry on', run, flags, terminal)
  // Opened before the question, since nobody else must go on with it while somebody thinks.
  using journal = store.open(run.begun.id)
  terminal.stderr.write(runTable(run))
  await confirmed(`Carry on ${run.begun.id}?`, flags, terminal)
  const timeoutMs = flags.timeout ?? run.begun.timeoutMs
  const patient = { ...run, begun: { ...run.begun, timeoutMs } }
  return await runToEnd({ run: patient, journal, cluster, terminal, flags })
}
