import { explainWait, type Explanation } from '../../operate/why/explain-wait.ts'
import { allInOrder } from '../../operate/all-in-order.ts'
import { askedOnce, nodeOf } from '../../operate/cluster/cluster-facts.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import type { Run } from '../../operate/resize/run.ts'
import { addSourceFlag, cgroupSource, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { openCluster } from '../cluster/connection.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { journalMoments } from '../runs/journal-moments.ts'
import { openJournalStore } from '../runs/journal-store.ts'
import { parseOutputFormat, renderDocuments, type OutputFormat } from '../render/output.ts'
import { podReportDocument } from '../render/pod-report-document.ts'
import { whyLines } from '../render/why-lines.ts'
import {
  addTargetFlags,
  isOneNamed,
  nothingFound,
  parseTargets,
  readTargets,
  requestsAtOnce,
  type TargetFlags,
} from '../cluster/targets.ts'
import { podTargets } from '../cluster/workload-target.ts'
import { paintFor, type Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'

interface WhyFlags extends TargetFlags, SourceFlags {
  readonly output?: OutputFormat
}

function whyDocument({ report, ...rest }: Explanation): object {
  return { ...podReportDocument(report), ...rest }
}

/** 0: nothing waits. 3: a no of the node or a failure. 4: it waits, or something could not be seen. */
function exitOf(all: readonly Explanation[]): ExitCode {
  const verdicts = new Set(all.map(({ report }) => report.verdict))
  if (verdicts.has('drift')) return exitCodes.no
  return verdicts.has('notNow') || verdicts.has('warnings') ? exitCodes.warnings : exitCodes.done
}

/** The runs of this server by the journals; without those the cluster has enough to tell. */
function runsOn(server: string, { env, stderr }: Terminal): readonly Run[] {
  try {
    return openJournalStore(env)
      .runs()
      .filter(({ begun }) => begun.server === server)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    stderr.write(`what podfit has asked for is left out: ${reason}\n`)
    return []
  }
}

async function why(
  words: readonly string[],
  flags: WhyFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = parseTargets(words, flags)
  const { signal, stdout, stderr, env } = terminal
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'explain', signal)
  const found = await readTargets(cluster, targets, 'explain', signal)
  const facts = askedOnce(cluster.facts)
  const cgroups = cgroupSource(cluster, flags)
  const runs = runsOn(cluster.server, terminal)
  const version = await facts.version(signal)
  const all = await inParallel(found, requestsAtOnce, async (pod) => {
    const [look, node, events] = await allInOrder([
      cgroups.look(pod, signal),
      nodeOf(facts, pod, signal),
      cluster.events.eventsOf(pod, signal),
    ])
    const asked = journalMoments(pod, runs)
    return explainWait({ pod, look, node, events, asked, version })
  })
  // Of many pods only those are worth a word that something is the matter with.
  const shown =
    targets.kind === 'named' ? all : all.filter(({ report }) => report.resize.kind !== 'settled')
  if (flags.output !== undefined) {
    const items = shown.map(whyDocument)
    const isOne = isOneNamed(targets)
    stdout.write(await renderDocuments(flags.output, 'ResizeExplanation', items, isOne))
  } else {
    const paint = paintFor(stdout, env)
    const blocks = shown.map((one) => `${whyLines(one, paint, new Date()).join('\n')}\n`)
    stdout.write(blocks.join('\n'))
    if (shown.length === 0) {
      const nothing =
        found.length === 0 ? nothingFound(targets, cluster.namespace) : 'No resize waits'
      stderr.write(`${nothing}\n`)
    }
  }
  return exitOf(shown)
}

const examples = `Say what a resize is waiting for, or what it failed on: who holds the room, what the runtime's
error means, what happened in which order, and what to do next.

Examples:
  podfit why web         # one pod
  podfit why -A          # every pod whose resize is not done
  podfit why web -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addTargetFlags(command))
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: WhyFlags) => finish(why(words, flags, terminal)))
}
