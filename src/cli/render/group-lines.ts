import type { PlanVerdict, ResizeForecast } from '../../operate/plan/resize-forecast.ts'
import type { ItemEnd, ItemStep } from '../../operate/resize/resize-item.ts'
import type { FollowState } from '../../operate/resize/follow/follow-state.ts'
import type { Begun, JournalItem } from '../../operate/resize/journal.ts'
import { isGood, type Run } from '../../operate/resize/run.ts'
import type { SizeChange } from '../../operate/resize/size-change.ts'
import { resizeLayers } from '../../operate/resize/follow/layer-state.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import { formatMilliseconds } from './duration.ts'
import { totalMs } from './resize-verdict.ts'
import type { Paint } from '../terminal.ts'
import { formatSide } from './resize-lines.ts'
import { partCell } from './part-cell.ts'
import { renderTable } from './table.ts'

/** `250m:500m → 500m:1`, or the size alone where it stays. */
function changeText(
  { before, after }: Pick<SizeChange, 'before' | 'after'>,
  resource: 'cpu' | 'memory',
): string {
  const [from, to] = [formatSide(before, resource), formatSide(after, resource)]
  return from === to ? from : `${from} → ${to}`
}

/** The change of a journal's item in one line: `cpu 250m:500m → 500m:1`. */
export function itemChange({ from, to }: Pick<JournalItem, 'from' | 'to'>): string {
  const change = { before: sizeOf(from), after: sizeOf(to) }
  return (['cpu', 'memory'] as const)
    .filter(
      (resource) => formatSide(change.before, resource) !== formatSide(change.after, resource),
    )
    .map((resource) => `${resource} ${changeText(change, resource)}`)
    .join(', ')
}

const verdictStyles = {
  accepted: 'green',
  unjudged: 'yellow',
  deferred: 'yellow',
  infeasible: 'red',
  rejected: 'red',
  gone: 'red',
} as const satisfies Record<PlanVerdict, string>

/** What is to happen to several pods: one row each. */
export function groupTable(
  rows: readonly {
    readonly pod: string
    readonly change: SizeChange
    readonly forecast?: ResizeForecast | undefined
  }[],
  paint: Paint,
): string {
  return renderTable([
    ['POD', 'CONTAINER', 'CPU', 'MEMORY', 'RESTART', 'VERDICT'],
    ...rows.map(({ pod, change, forecast }) => [
      pod,
      partCell(change.container),
      changeText(change, 'cpu'),
      changeText(change, 'memory'),
      change.restartsFor.length > 0 ? paint('yellow', 'yes') : 'no',
      forecast === undefined ? '' : paint(verdictStyles[forecast.verdict], forecast.verdict),
    ]),
  ])
}

/** How far one pod of a group is. */
export function stepLine(
  pod: string,
  { direction }: ItemStep,
  state: FollowState,
  paint: Paint,
): string {
  const layer = resizeLayers.find((one) => state.layers[one].state.kind === 'waiting')
  const waiting = layer === undefined ? undefined : state.layers[layer].state
  const why = waiting !== undefined && 'why' in waiting ? waiting.why : ''
  const back = direction === 'back' ? 'back: ' : ''
  return `${paint('dim', '…')} ${pod}   ${paint('dim', `${back}${why}`)}`
}

/** How it ended for one pod of a group. */
export function endLine(pod: string, end: ItemEnd, paint: Paint): string {
  const { outcome, direction, sent, message } = end
  const back = direction === 'back' ? ' (back to the size before)' : ''
  const time =
    sent?.end.kind === 'followed' ? `   ${formatMilliseconds(totalMs(sent.end.state))}` : ''
  if (outcome === 'done') return `${paint('green', '✓')} ${pod}${time}${back}`
  if (isGood(outcome)) {
    return `${paint('yellow', '?')} ${pod}${time}${back}   not all of the kernel was seen`
  }
  const why = message === undefined ? '' : `: ${message}`
  return `${paint('red', '✗')} ${pod}${back}   ${outcome}${why}`
}

const endWords = {
  done: 'done',
  failed: 'done in part',
  stopped: 'stopped',
  rolledBack: 'rolled back',
  rollbackFailed: 'rolled back in part',
  undone: 'undone',
} as const

/** What would bring the pods back that have the size of a run which ended half-way. */
function nextCommand({ id, undoes }: Begun, end: keyof typeof endWords): string {
  if (end !== 'stopped' && end !== 'failed') return ''
  return undoes === undefined
    ? `; podfit undo ${id} goes back`
    : `; podfit undo ${undoes} tries again`
}

/** The last line about several pods. */
export function runVerdict({ begun, items, finished }: Run, paint: Paint): string {
  const good = items.filter(
    ({ direction, outcome }) => direction === 'forward' && isGood(outcome),
  ).length
  const which = begun.undoes === undefined ? 'new' : 'previous'
  const count = `${good} of ${items.length} pods have the ${which} size`
  const end = finished?.end ?? 'stopped'
  if (end !== 'done') {
    return paint('red', `${endWords[end]}: ${count}${nextCommand(begun, end)}`)
  }
  const seen = items.every(({ outcome }) => outcome === 'done')
  return seen
    ? paint('green', `done and verified: ${count}`)
    : paint('yellow', `done: ${count}, by all that was seen; not all of the kernel was`)
}
