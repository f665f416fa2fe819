import type { Pod } from '../../domain/pod.ts'
import { reportPod, type PodReport } from '../../operate/verify/pod-report.ts'
import type { PodUse } from '../../operate/cluster/usage.ts'
import { addSourceFlag, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { openCluster } from '../cluster/connection.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { podUses, unused } from '../cgroups/pod-uses.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from '../render/output.ts'
import { resizeWord, sideOf, sizedParts, useText } from '../render/size-rows.ts'
import { renderTable } from '../render/table.ts'
import {
  addTargetFlags,
  nothingFound,
  parseTargets,
  readTargets,
  type TargetFlags,
} from '../cluster/targets.ts'
import { podTargets } from '../cluster/workload-target.ts'
import type { Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'
import { shownOnceOr } from '../watch/watch-loop.ts'

interface TopFlags extends TargetFlags, SourceFlags {
  readonly output?: OutputFormat
  readonly watch?: boolean
}

interface Row extends PodUse {
  readonly pod: Pod
  readonly report: PodReport
}

function table(rows: readonly Row[], withNamespace: boolean): string {
  const columns = ['USED', 'DESIRED', 'ALLOCATED', 'ACTUAL']
  const header = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    'POD',
    'CONTAINER',
    ...columns.map((name) => `CPU ${name}`),
    ...columns.map((name) => `MEMORY ${name}`),
    'RESIZE',
  ]
  const cells = rows.flatMap(({ pod, report, uses }) =>
    sizedParts(report, pod).map(({ name, values }) => {
      const [cpu, memory] = useText(uses.get(name))
      const sides = (resource: 'cpu' | 'memory') =>
        (['desired', 'allocated', 'status'] as const).map((layer) =>
          sideOf(values, resource, layer),
        )
      return [
        ...(withNamespace ? [report.namespace] : []),
        report.name,
        name,
        cpu,
        ...sides('cpu'),
        memory,
        ...sides('memory'),
        resizeWord(report),
      ]
    }),
  )
  return renderTable([header, ...cells])
}

function document({ report, uses, source }: Row): object {
  const { namespace, name, node, resize, containers } = report
  return {
    namespace,
    name,
    ...(node === undefined ? {} : { node }),
    usageFrom: source,
    resize,
    containers: containers.map((container) => ({
      name: container.name,
      usage: uses.get(container.name),
      values: container.values.map(({ files: _files, ...value }) => value),
    })),
  }
}

async function top(
  words: readonly string[],
  flags: TopFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = parseTargets(words, flags)
  const { stderr, signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'show', signal)
  const uses = podUses(cluster, flags.source)
  return await shownOnceOr(flags.watch === true, terminal, async () => {
    const pods = await readTargets(cluster, targets, 'show', signal)
    const used = await uses.now(pods, signal)
    const rows = pods.map((pod) => ({
      pod,
      report: reportPod(pod, { kind: 'unseen', why: 'not asked' }),
      ...(used.get(pod) ?? unused),
    }))
    if (flags.output !== undefined) {
      const items = rows.map(document)
      return {
        text: await renderDocument(flags.output, 'PodUsageList', { items }),
        exit: exitCodes.done,
      }
    }
    if (rows.length === 0 && flags.watch !== true) {
      stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
    }
    const everywhere = targets.kind === 'selected' && targets.allNamespaces
    return { text: rows.length === 0 ? '' : table(rows, everywhere), exit: exitCodes.done }
  })
}

const examples = `Show what pods use, beside the sizes that are desired, allocated and actual. Use comes from this
machine's cgroups where the pod runs here, else from metrics.k8s.io, else from inside the containers.

Examples:
  podfit top              # the pods of the namespace
  podfit top -A --watch   # every pod, again and again
  podfit top web -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addTargetFlags(command))
    .option('-w, --watch', 'go on until Ctrl-C')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: TopFlags) => finish(top(words, flags, terminal)))
}
