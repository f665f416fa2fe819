import { type FoundBy } from '../../operate/cgroups/cgroup-look.ts'
import { levelOf, type Finding } from '../../operate/findings/finding.ts'
import { findingTable } from '../../operate/findings/finding-table.ts'
import {
  type CgroupReport,
  type ContainerReport,
  type LayeredValue,
  type SizeValue,
} from '../../operate/cgroups/layered-value.ts'
import type { PodReport } from '../../operate/verify/pod-report.ts'
import { type Paint } from '../terminal.ts'
import { renderTable } from './table.ts'

const valueNames: Readonly<Record<SizeValue, string>> = {
  cpuRequest: 'cpu request',
  cpuLimit: 'cpu limit',
  memoryRequest: 'memory request',
  memoryLimit: 'memory limit',
}

function verdictLine({ verdict, findings }: PodReport, paint: Paint): string {
  switch (verdict) {
    case 'verified':
      return paint('green', 'verified: all five layers agree')
    case 'drift':
      return paint('red', `not verified: ${findings.map(({ code }) => code).join(', ')}`)
    case 'notNow':
      return paint('yellow', 'not now: it was not settled in the time given, look again')
    case 'warnings':
      return paint('yellow', 'no difference was seen, but mind the warnings above')
    default:
      return verdict satisfies never
  }
}

/** One row for the value, with its first file; one more for each further file. */
function valueRows(value: LayeredValue, paint: Paint): readonly (readonly string[])[] {
  const { desired = '-', allocated = '-', status = '-', files } = value
  const layers = [`  ${valueNames[value.value]}`, desired, allocated, status]
  if (files.length === 0) return [layers]
  return files.map(({ file, found, expected, ok, note }, index) => [
    ...(index === 0 ? layers : layers.map(() => '')),
    file,
    found,
    expected.join(' or '),
    ok ? paint('green', note === undefined ? 'ok' : `ok: ${note}`) : paint('red', 'differs'),
  ])
}

function section(
  title: string,
  { values }: CgroupReport,
  paint: Paint,
): readonly (readonly string[])[] {
  const shown = values.filter(
    ({ desired, allocated, status, files }) =>
      files.length > 0 || (desired ?? allocated ?? status) !== undefined,
  )
  return [[paint('bold', title)], ...shown.flatMap((value) => valueRows(value, paint))]
}

/** Restarts in the meantime explain much of what else is shown. */
function restartsText({
  restartCount,
  restartCountBefore = restartCount,
}: ContainerReport): string {
  if (restartCount !== restartCountBefore) {
    return `, restarts ${restartCountBefore} → ${restartCount} meanwhile`
  }
  return restartCount === 0 ? '' : `, restarts ${restartCount}`
}

/** Only files that were compared: a class with pods that come and go is not. */
function ancestorRows(
  { path, checks }: PodReport['ancestors'][number],
  paint: Paint,
): readonly (readonly string[])[] {
  if (checks.length === 0) return []
  const rows = checks.map(({ file, found, expected, ok }) => [
    '',
    '',
    '',
    '',
    file,
    found,
    expected.join(' or '),
    ok ? paint('green', 'ok') : paint('red', 'differs'),
  ])
  return [[paint('bold', `above: ${path.slice(path.lastIndexOf('/') + 1)}`)], ...rows]
}

function findingLines(finding: Finding, paint: Paint): readonly string[] {
  const { code, container, message, upstream = [] } = finding
  const { title, cause, cure } = findingTable[code]
  const style = levelOf(finding) === 'error' ? 'red' : 'yellow'
  return [
    `${paint(style, code)} ${title}${container === undefined ? '' : ` (container ${container})`}: ${message}`,
    paint('dim', `      likely cause: ${cause}`),
    paint('dim', `      cure: ${cure}`),
    ...(upstream.length === 0 ? [] : [paint('dim', `      looks like ${upstream.join(', ')}`)]),
  ]
}

const ways: Readonly<Record<FoundBy, string>> = {
  runtime: "the runtime's answer",
  name: 'its usual path',
  search: 'its name in the tree',
  process: '/proc/PID/cgroup',
}

/** How the cgroups were found, where they were looked for. */
function foundLine({ pod, containers }: PodReport): readonly string[] {
  const found = [{ name: 'pod', foundBy: pod.foundBy }, ...containers].flatMap(
    ({ name, foundBy }) => (foundBy === undefined ? [] : [{ name, foundBy }]),
  )
  const byWay = Object.entries(Object.groupBy(found, ({ foundBy }) => foundBy))
  if (byWay.length === 0) return []
  const texts = byWay.map(([way, those]) => {
    const whose = byWay.length === 1 ? '' : ` (${those.map(({ name }) => name).join(', ')})`
    return `${ways[way as FoundBy]}${whose}`
  })
  return [`         found by ${texts.join(', ')}`]
}

function titleOf({ namespace, name, node }: PodReport): string {
  return `pod ${namespace}/${name}${node === undefined ? '' : ` on node ${node}`}`
}

/**
 * A pod with which all is well, on one line; undefined for any other. Of a pod elsewhere its own
 * cgroup is never seen, which is no news of one of many.
 */
export function renderWell(report: PodReport, paint: Paint): string | undefined {
  const { verdict, findings } = report
  if (verdict === 'verified') return `${titleOf(report)}: ${verdictLine(report, paint)}\n`
  const isOnlyElsewhere = verdict === 'warnings' && findings.every(({ code }) => code === 'CG304')
  if (!isOnlyElsewhere) return undefined
  return `${titleOf(report)}: ${paint('yellow', 'no difference was seen from inside (CG304)')}\n`
}

/** The five layers of a pod side by side, then the findings, then the verdict. */
export function renderPodReport(report: PodReport, paint: Paint): string {
  const { source, findings } = report
  const table = renderTable([
    ['', 'DESIRED', 'ALLOCATED', 'STATUS', 'CGROUP FILE', 'SAYS', 'SHOULD SAY', ''],
    ...report.containers.flatMap((container) => {
      const restarts = restartsText(container)
      const state = container.running && restarts === '' ? '' : ` (${container.state}${restarts})`
      return section(`container ${container.name}${state}`, container, paint)
    }),
    ...section('pod', report.pod, paint),
    ...report.ancestors.flatMap((ancestor) => ancestorRows(ancestor, paint)),
  ])
  const lines = [
    titleOf(report),
    `cgroups: ${source}${report.pod.path === undefined ? '' : `, ${report.pod.path}`}`,
    ...foundLine(report),
    '',
    table,
    ...findings.flatMap((finding) => findingLines(finding, paint)),
    verdictLine(report, paint),
  ]
  return `${lines.join('\n')}\n`
}
