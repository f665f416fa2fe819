import { qosClassOf } from '../domain/qos.ts'
import type { Pod } from '../domain/pod.ts'
import { reportPod, type PodReport } from '../operate/pod-report.ts'
import { usageError } from './cli-error.ts'
import { openCluster } from './connection.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { renderDocument } from './render/output.ts'
import { podReportDocument } from './render/pod-report-document.ts'
import { kernelOf, resizeWord, sideOf } from './render/size-rows.ts'
import { renderTable } from './render/table.ts'
import {
  addTargetFlags,
  nothingFound,
  parseTargets,
  readTargets,
  type TargetFlags,
  type Targets,
} from './targets.ts'
import type { Terminal } from './terminal.ts'
import type { VerbContext } from './verb.ts'
import { shownOnceOr } from './watch-loop.ts'

const formats = ['wide', 'json', 'yaml'] as const
type GetFormat = (typeof formats)[number]

interface GetFlags extends TargetFlags {
  readonly output?: GetFormat
  readonly watch?: boolean
}

interface Row {
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
  const more = ['CPU ALLOCATED', 'CPU ACTUAL', 'CPU KERNEL', 'MEMORY ALLOCATED', 'MEMORY ACTUAL']
  const last = ['MEMORY KERNEL', 'QOS', 'NODE']
  const cells = rows.flatMap(({ pod, report }) =>
    report.containers.map(({ name, values, restartCount }) => [
      ...(withNamespace ? [report.namespace] : []),
      report.name,
      name,
      sideOf(values, 'cpu', 'desired'),
      sideOf(values, 'memory', 'desired'),
      resizeWord(report),
      `${restartCount}`,
      ...(wide
        ? [
            sideOf(values, 'cpu', 'allocated'),
            sideOf(values, 'cpu', 'status'),
            kernelOf(values, 'cpu'),
            sideOf(values, 'memory', 'allocated'),
            sideOf(values, 'memory', 'status'),
            kernelOf(values, 'memory'),
            pod.status?.qosClass ?? qosClassOf(pod.spec),
            report.node ?? '-',
          ]
        : []),
    ]),
  )
  const header = [
    ...(withNamespace ? ['NAMESPACE'] : []),
    ...head,
    ...(wide ? [...more, ...last] : []),
  ]
  return renderTable([header, ...cells])
}

async function textOf(
  rows: readonly Row[],
  targets: Targets,
  output: GetFormat | undefined,
): Promise<string> {
  if (output === 'json' || output === 'yaml') {
    const items = rows.map(({ report }) => podReportDocument(report))
    const [only] = items
    return targets.kind === 'named' && targets.names.length === 1 && only !== undefined
      ? renderDocument(output, 'PodSize', only)
      : renderDocument(output, 'PodSizeList', { items })
  }
  if (rows.length === 0) return ''
  const everywhere = targets.kind === 'selected' && targets.allNamespaces
  return table(rows, output === 'wide', everywhere)
}

async function get(
  words: readonly string[],
  flags: GetFlags,
  terminal: Terminal,
): Promise<ExitCode> {
  const targets = parseTargets(words, flags)
  const { stderr, signal } = terminal
  using cluster = await openCluster(flags, terminal)
  const cgroups = machineCgroups()
  return await shownOnceOr(flags.watch === true, terminal, async () => {
    const pods = await readTargets(cluster, targets, 'get', signal)
    const rows = await Promise.all(
      pods.map(async (pod) => ({ pod, report: reportPod(pod, await cgroups.look(pod, signal)) })),
    )
    if (rows.length === 0 && flags.watch !== true) {
      stderr.write(`${nothingFound(targets, cluster.namespace)}\n`)
    }
    return { text: await textOf(rows, targets, flags.output), exit: exitCodes.done }
  })
}

const examples = `Show the sizes of pods as request:limit, and where their resizes stand.

Examples:
  podfit get                 # the pods of the namespace
  podfit get web -o wide     # desired, allocated, actual and what the kernel's files say
  podfit get -A --watch
  podfit get web -o json
`

export function define({ command, terminal, finish }: VerbContext): void {
  addTargetFlags(command)
    .option('-w, --watch', 'go on until Ctrl-C and show what changes')
    .option('-o, --output <format>', 'wide, json or yaml', parseFormat)
    .addHelpText('before', examples)
    .action((words: string[], flags: GetFlags) => finish(get(words, flags, terminal)))
}
