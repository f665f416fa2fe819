import type { PodReport, PodVerdict } from '../../operate/verify/pod-report.ts'
import type { Paint, Style } from '../terminal.ts'
import { renderPodReport, renderWell } from './pod-report-table.ts'

/** Names in a row before the rest is only counted. */
const mostNames = 5

/** The worst last, where it is read first. */
const verdicts = [
  { verdict: 'verified', style: 'green', words: 'verified' },
  { verdict: 'warnings', style: 'yellow', words: 'with warnings' },
  { verdict: 'notNow', style: 'yellow', words: 'not settled in time' },
  { verdict: 'drift', style: 'red', words: 'not verified' },
] as const satisfies readonly {
  readonly verdict: PodVerdict
  readonly style: Style
  readonly words: string
}[]

function namesOf(reports: readonly PodReport[]): string {
  const names = reports.map(({ namespace, name }) => `${namespace}/${name}`)
  const more = names.length - mostNames
  const shown = names.slice(0, more > 0 ? mostNames : undefined)
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
}

/** How many pods there are of each verdict, and which ones where it is not good. */
export function summaryLine(reports: readonly PodReport[], paint: Paint): string {
  const parts = verdicts.flatMap(({ verdict, style, words }) => {
    const those = reports.filter((report) => report.verdict === verdict)
    if (those.length === 0) return []
    const which = verdict === 'verified' ? '' : ` (${namesOf(those)})`
    return [paint(style, `${those.length} ${words}${which}`)]
  })
  return `${reports.length} pods: ${parts.join(', ')}\n`
}

/** Every report in full; of several pods a last line sums up. */
export function renderPodReports(reports: readonly PodReport[], paint: Paint): string {
  const blocks = reports.map((report) => renderPodReport(report, paint))
  return [...blocks, ...(reports.length > 1 ? [summaryLine(reports, paint)] : [])].join('\n')
}

/**
 * Of a selection, which may be a whole cluster, only what is not well is shown in full: a line for
 * each other pod comes first.
 */
export function renderManyPodReports(reports: readonly PodReport[], paint: Paint): string {
  const lines = reports.map((report) => renderWell(report, paint))
  const well = lines.filter((line) => line !== undefined)
  if (reports.length < 2 || well.length === 0) return renderPodReports(reports, paint)
  const others = reports.filter((_, index) => lines[index] === undefined)
  return [
    well.join(''),
    ...others.map((report) => renderPodReport(report, paint)),
    summaryLine(reports, paint),
  ].join('\n')
}
