import { qosClassOf } from '../../domain/resources/qos.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook } from '../../operate/cgroups/cgroup-look.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import type { LayeredValue } from '../../operate/cgroups/layered-value.ts'
import { reportPod, type PodReport } from '../../operate/verify/pod-report.ts'
import type { ContainerUse, PodUse } from '../../operate/cluster/usage.ts'
import { addSourceFlag, cgroupSource, type SourceFlags } from '../cgroups/cgroup-sources.ts'
import { usageError } from '../cli-error.ts'
import { openCluster } from '../cluster/connection.ts'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { podUses, unused } from '../cgroups/pod-uses.ts'
import { renderDocuments } from '../render/output.ts'
import { podReportDocument } from '../render/pod-report-document.ts'
import { kernelOf, resizeWord, sideOf, sizedParts, useText } from '../render/size-rows.ts'
import { renderTable } from '../render/table.ts'
import {
  addTargetFlags,
  isOneNamed,
  nothingFound,
  parseTargets,
  readTargets,
  requestsAtOnce,
  type TargetFlags,
  type PodTargets,
} from '../cluster/targets.ts'
import { podTargets } from '../cluster/workload-target.ts'
import type { Terminal } from '../terminal.ts'
import type { VerbContext } from '../verb.ts'
import { shownOnceOr } from '../watch/watch-loop.ts'

const formats = ['wide', 'json', 'yaml'] as const
type GetFormat = (typeof formats)[number]

interface GetFlags extends TargetFlags, SourceFlags {
  readonly output?: GetFormat
  readonly watch?: boolean
}

interface Row extends PodUse {
  readonly pod: Pod
  readonly report: PodReport
}

function parseFormat(text: string): GetFormat {
  const format = formats.find((name) => name === text)
  if (format !== undefined) return format
  throw usageError(`Cannot print as '${text}': -o takes ${formats.join(', ')}`)
}

function table(rows: readonly Row[], wide: boolean, withNamespace: boolean): string {
  const head = ['POD', 'CONTAINER', 'CPU', 'MEMORY', 'RESIZE', 'RESTARTS']
  const layers = ['ALLOCATED', 'ACTUAL', 'KERNEL', 'USED']
  const more = ['CPU', 'MEMORY'].flatMap((resource) => layers.map((one) => `${resource} ${one}`))
  const cells = rows.flatMap(({ pod, report, uses }) =>
    sizedParts(report, pod).map(({ name, values, restartCount = '-' }) => [
      ...(withNamespace ? [report.namespace] : []),
      report.name,
      name,
      sideOf(values, 'cpu', 'desired'),
      sideOf(values, 'memory', 'desired'),
      resizeWord(report),
      `${restartCount}`,
      ...(wide
        ? [
            ...layersOf(values, uses.get(name), 'cpu'),
            ...layersOf(values, uses.get(name), 'memory'),
            pod.status?.qosClass ?? qosClassOf(pod.spec),
            report.node ?? '-',
          ]
        : []),
    ]),
  )
  const header = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    ...head,
    ...(wide ? [...more, 'QOS', 'NODE'] : []),
  ]
  return renderTable([header, ...cells])
}

/** What a container got of a resource, layer by layer, and what it uses. */
function layersOf(
  values: readonly LayeredValue[],
  use: ContainerUse | undefined,
  resource: 'cpu' | 'memory',
): readonly string[] {
  const [cpu, memory] = useText(use)
  return [
    sideOf(values, resource, 'allocated'),
    sideOf(values, resource, 'status'),
    kernelOf(values, resource),
    resource === 'cpu' ? cpu : memory,
  ]
}

function document({ report, uses, source }: Row): object {
  return {
    ...podReportDocument(report),
    usageFrom: source,
    containers: report.containers.map((container) => ({
      ...container,
      usage: uses.get(container.name),
    })),
  }
}

async function textOf(
  rows: readonly Row[],
  targets: PodTargets,
  output: GetFormat | undefined,
): Promise<string> {
  if (output === 'json' || output === 'yaml') {
    return renderDocuments(output, 'PodSize', rows.map(document), isOneNamed(targets))
  }
  if (rows.length === 0) return ''
  const everywhere = targets.kind === 'selected' && targets.allNamespaces
  return table(rows, output === 'wide', everywhere)
}

const notAsked: CgroupLook = { kind: 'unseen', why: 'not asked' }

async function get(
  words: readonly string[],
  flags: GetFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const asked = parseTargets(words, flags)
  const { stderr, signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const targets = await podTargets(cluster, asked, 'get', signal)
  const cgroups = cgroupSource(cluster, flags)
  // A shell in each container for what metrics tell anyway would be a lot.
  const used = podUses(cluster, flags.source === 'auto' ? 'machine' : flags.source)
  const deep = flags.output !== undefined
  return await shownOnceOr(flags.watch === true, terminal, async () => {
    const pods = await readTargets(cluster, targets, 'get', signal)
    const uses = deep ? await used.now(pods, signal) : new Map<Pod, PodUse>()
    const rows = await inParallel(pods, requestsAtOnce, async (pod) => {
      const look = deep ? await cgroups.look(pod, signal) : notAsked
      return { pod, report: reportPod(pod, look), ...(uses.get(pod) ?? unused) }
    })
    if (rows.length === 0 && flags.watch !== true) {
      stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
    }
    return { text: await textOf(rows, targets, flags.output), exit: exitCodes.done }
  })
}

const examples = `Show the sizes of pods as request:limit, and where their resizes stand.

Examples:
  podfit get                 # the pods of the namespace
  podfit get web -o wide     # desired, allocated, actual, what the kernel's files say, and use
  podfit get -A --watch
  podfit get web -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  addSourceFlag(addTargetFlags(command))
    .option('-w, --watch', 'go on until Ctrl-C and show what changes')
    .option('-o, --output <format>', 'wide, json or yaml', parseFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: GetFlags) => finish(get(words, flags, terminal)))
}
