import type { Begun } from '../../operate/resize/journal.ts'
import { isGood, type Run } from '../../operate/resize/run.ts'
import type { ItemEnd, ItemStep, RunPorts } from '../../operate/resize/resize-item.ts'
import { carryOn } from '../../operate/resize/run-resizes.ts'
import type { FollowState } from '../../operate/resize/follow/follow-state.ts'
import { cgroupSource, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { CliError } from '../cli-error.ts'
import type { Cluster } from '../cluster/connection.ts'
import { formatMilliseconds } from '../render/duration.ts'
import { exitCodes, type Exit, type ExitCode } from '../exit-codes.ts'
import type { OpenJournal } from './journal-store.ts'
import { kubeletsAskedOnce } from '../cluster/kube-kubelet.ts'
import { endLine, runVerdict, stepLine } from '../render/group-lines.ts'
import { liveLines } from '../render/live-lines.ts'
import { podLabels } from '../render/pod-labels.ts'
import { renderDocument, type OutputFormat } from '../render/output.ts'
import { resizeDocument } from '../render/resize-document.ts'
import { layerLines } from '../render/resize-lines.ts'
import { createNotes } from '../render/resize-notes.ts'
import { refusedLine, verdictOf } from '../render/resize-verdict.ts'
import { systemClock } from '../system-clock.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import { unfinishedRun } from './unfinished-run.ts'

/** RFC 3339, in milliseconds. */
export const today = (): string => new Date().toISOString()

interface RunVerb {
  readonly run: Run
  readonly journal: OpenJournal
  readonly cluster: Cluster
  readonly terminal: Terminal
  readonly flags: SourceFlags & { readonly output?: OutputFormat }
  /** Programs get one document instead of a list. @default where the run is about one pod */
  readonly isOneNamed?: boolean
}

/** Shows what happens while it happens: one pod in all its layers, several in a line each. */
function watcher({ items }: Begun, { stderr, env }: Terminal) {
  const single = items.length === 1
  const labelOf = podLabels(items)
  const paint = paintFor(stderr, env)
  const lines = liveLines(stderr, env)
  const notesOf = createNotes(paint)
  const running = new Map<number, string>()
  const redraw = () =>
    lines.show([...running].map(([key, text]) => ({ key: `${key}`, text, final: false })))
  return {
    onState(step: ItemStep, state: FollowState) {
      if (!single) {
        running.set(step.item, stepLine(labelOf(step.ref), step, state, paint))
        return redraw()
      }
      for (const note of notesOf(state)) lines.say(note)
      lines.show(layerLines(state, paint))
    },
    onEnd(end: ItemEnd) {
      if (single) {
        if (end.direction === 'forward') return
        lines.end()
      }
      running.delete(end.item)
      redraw()
      lines.say(endLine(labelOf(end.ref), end, paint))
    },
    onPause(ms: number) {
      lines.say(paint('dim', `  pause of ${formatMilliseconds(ms)}`))
    },
    end: () => lines.end(),
  }
}

/** What the run as a whole tells a script. */
function exitOfRun({ items, finished }: Run): Exit {
  const forward = items.filter(({ direction }) => direction === 'forward')
  const bad = forward.filter(({ state, outcome }) => state === 'ended' && !isGood(outcome))
  if (finished?.end !== 'done') {
    const late = bad.length > 0 && bad.every(({ outcome }) => outcome === 'timedOut')
    return late && finished?.end !== 'rolledBack' ? 'timedOut' : 'no'
  }
  return items.every(({ outcome }) => outcome === 'done') ? 'done' : 'warnings'
}

/**
 * Carries a journalled run on to its end, shows it, and prints its report.
 *
 * @throws CliError (interrupted) for Ctrl-C, with the way to carry on.
 */
export async function runToEnd(verb: RunVerb): Promise<ExitCode> {
  const { run, journal, cluster, terminal } = verb
  const { output } = verb.flags
  const { stdout, env, signal } = terminal
  const single = run.begun.items.length === 1
  const ends: ItemEnd[] = []
  const shown = watcher(run.begun, terminal)
  let isAnswered = false
  const ports: RunPorts = {
    client: cluster.pods,
    cgroups: cgroupSource(cluster, verb.flags),
    clock: systemClock,
    kubeletOf: kubeletsAskedOnce(cluster.client),
    journal,
    today,
  }
  let finished: Run
  try {
    finished = await carryOn(ports, run, {
      signal,
      onState(step, state) {
        isAnswered ||= state.layers.desired.state.kind === 'reached'
        shown.onState(step, state)
      },
      onPause: (ms) => shown.onPause(ms),
      onEnd(end) {
        ends.push(end)
        shown.onEnd(end)
      },
    })
  } catch (error) {
    throw unfinishedRun(error, run, { isAnswered, isAborted: signal.aborted })
  } finally {
    shown.end()
  }
  const exit = exitOfRun(finished)
  if (output !== undefined) {
    stdout.write(await renderRun(output, finished, ends, exit, verb.isOneNamed ?? single))
  } else if (!single) {
    stdout.write(`${runVerdict(finished, paintFor(stdout, env))}\n`)
  }
  if (single) return finishSingle(finished, ends, exit, verb)
  return exitCodes[exit]
}

/** One pod: its verdict says more than that of the run. */
function finishSingle(run: Run, ends: readonly ItemEnd[], exit: Exit, verb: RunVerb): ExitCode {
  const { stdout, env } = verb.terminal
  const end = ends.find(({ direction }) => direction === 'forward') ?? ends[0]
  const { name, namespace } = run.begun.items[0] ?? { name: '', namespace: '' }
  if (end?.outcome === 'gone' && end.sent?.end.kind !== 'followed') {
    throw new CliError('no', `Cannot resize: there is no pod ${name} in namespace ${namespace}`)
  }
  if (end?.sent?.end.kind === 'refused') throw refusedLine(end.sent.end.refusal)
  if (verb.flags.output !== undefined || end === undefined) return exitCodes[exit]
  const paint = paintFor(stdout, env)
  if (end.sent === undefined) {
    const message = `The size of pod ${name} was changed since, by a later run or somebody else: it is left as it is`
    throw new CliError('no', message)
  }
  stdout.write(`${verdictOf(end.ref, end.sent.prepared, end.sent.end, paint)}\n`)
  if (run.finished?.end !== 'done' && run.finished?.end !== 'stopped') {
    stdout.write(`${runVerdict(run, paint)}\n`)
  }
  return exitCodes[exit]
}

async function renderRun(
  output: OutputFormat,
  run: Run,
  ends: readonly ItemEnd[],
  exit: Exit,
  isOneNamed: boolean,
): Promise<string> {
  const { begun, finished } = run
  const documents = ends.map(({ ref, sent, outcome, direction }) => ({
    ...(sent === undefined
      ? { ...ref, outcome: { kind: outcome } }
      : resizeDocument(ref, sent.prepared, sent.end)),
    direction,
  }))
  const [only] = documents
  const journal = { id: begun.id, end: finished?.end }
  if (isOneNamed && documents.length === 1 && only !== undefined) {
    return renderDocument(output, 'ResizeReport', { ...only, ...journal })
  }
  return renderDocument(output, 'ResizeReportList', {
    ...journal,
    items: documents,
    exitCode: exitCodes[exit],
  })
}
