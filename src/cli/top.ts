import type { Pod } from '../domain/pod.ts'
import { reportPod, type PodReport } from '../operate/pod-report.ts'
import { useBetween, type ContainerUse, type UsageSample } from '../operate/usage.ts'
import { openCluster, type Cluster } from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { readMetrics } from './kube-metrics.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { parseOutputFormat, renderDocument, type OutputFormat } from './render/output.ts'
import { resizeWord, sideOf, useText } from './render/size-rows.ts'
import { renderTable } from './render/table.ts'
import { systemClock } from './system-clock.ts'
import {
  addTargetFlags,
  nothingFound,
  parseTargets,
  readTargets,
  refOf,
  type TargetFlags,
  type Targets,
} from './targets.ts'
import type { Terminal } from './terminal.ts'
import type { VerbContext } from './verb.ts'
import { shownOnceOr } from './watch-loop.ts'

interface TopFlags extends TargetFlags {
  readonly output?: OutputFormat
  readonly watch?: boolean
}

/** Long enough to tell a millicore. */
const sampleMs = 500

interface Row {
  readonly report: PodReport
  readonly uses: ReadonlyMap<string, ContainerUse>
  readonly source: string
}

type Samples = ReadonlyMap<string, ReadonlyMap<string, UsageSample>>

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
  const cells = rows.flatMap(({ report, uses }) =>
    report.containers.map(({ name, values }) => {
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

function usesHere(
  samples: ReadonlyMap<string, UsageSample>,
  before: ReadonlyMap<string, UsageSample> | undefined,
): ReadonlyMap<string, ContainerUse> {
  return new Map(
    [...samples].map(([name, after]) => [name, useBetween(before?.get(name), after)] as const),
  )
}

/** One look: this machine's cgroups where the pod runs here, metrics.k8s.io where it does not. */
async function look(
  cluster: Cluster,
  targets: Targets,
  before: Samples,
  signal: AbortSignal,
): Promise<{ readonly rows: readonly Row[]; readonly samples: Samples }> {
  const cgroups = machineCgroups()
  const pods = await readTargets(cluster, targets, 'show', signal)
  const sampleAll = () =>
    new Map(
      pods.flatMap((pod) => {
        const sample = cgroups.sample(pod)
        return sample === undefined ? [] : [[pod.metadata.uid ?? '', sample] as const]
      }),
    )
  let earlier = before
  if (pods.some(({ metadata }) => !before.has(metadata.uid ?? ''))) {
    earlier = sampleAll()
    await systemClock.sleep(sampleMs, signal)
    signal.throwIfAborted()
  }
  const samples = sampleAll()
  const everywhere = targets.kind === 'selected' && targets.allNamespaces
  const elsewhere = pods.some(({ metadata }) => !samples.has(metadata.uid ?? ''))
  const metrics = elsewhere
    ? await readMetrics(cluster.client, everywhere ? undefined : cluster.namespace, signal)
    : new Map<string, ContainerUse>()
  const rows = pods.map((pod): Row => {
    const report = reportPod(pod, { kind: 'unseen', why: 'not asked' })
    const here = samples.get(pod.metadata.uid ?? '')
    if (here !== undefined) {
      const uses = usesHere(here, earlier.get(pod.metadata.uid ?? ''))
      return { report, uses, source: 'cgroups of this machine' }
    }
    return { report, ...usesElsewhere(pod, metrics) }
  })
  return { rows, samples }
}

function usesElsewhere(
  pod: Pod,
  metrics: ReadonlyMap<string, ContainerUse>,
): Pick<Row, 'uses' | 'source'> {
  const { namespace, name } = refOf(pod)
  const start = `${namespace}/${name}/`
  const own = [...metrics].filter(([key]) => key.startsWith(start))
  const uses = new Map(own.map(([key, use]) => [key.slice(start.length), use] as const))
  return { uses, source: uses.size === 0 ? 'nowhere' : 'metrics.k8s.io' }
}

async function top(
  words: readonly string[],
  flags: TopFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = parseTargets(words, flags)
  const { stderr, signal } = terminal
  using cluster = await openCluster(flags, terminal)
  let samples: Samples = new Map()
  return await shownOnceOr(flags.watch === true, terminal, async () => {
    const looked = await look(cluster, targets, samples, signal)
    samples = looked.samples
    const { rows } = looked
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
machine's cgroups where the pod runs here, else from metrics.k8s.io.

Examples:
  podfit top              # the pods of the namespace
  podfit top -A --watch   # every pod, again and again
  podfit top web -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  addTargetFlags(command)
    .option('-w, --watch', 'go on until Ctrl-C')
    .option('-o, --output <format>', 'json or yaml', parseOutputFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: TopFlags) => finish(top(words, flags, terminal)))
}
