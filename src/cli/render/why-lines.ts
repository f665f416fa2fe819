import type { Explanation } from '../../operate/why/explain-wait.ts'
import { levelOf } from '../../operate/findings/finding.ts'
import { nodeReason } from '../../operate/node-reason.ts'
import type { Paint, Style } from '../terminal.ts'
import { holderLines } from './plan-lines.ts'

/** What holds a resize up, since when, and what to do, for people. */
export function whyLines(explanation: Explanation, paint: Paint, now: Date): readonly string[] {
  const { report, error, timeline, next, unseen } = explanation
  const { namespace, name, node } = report
  const [style, words] = stateWords(explanation)
  return [
    `pod ${paint('bold', `${namespace}/${name}`)}${node === undefined ? '' : ` on node ${node}`}`,
    `  ${paint(style, words)}${sinceText(explanation, now)}`,
    ...(error === undefined ? [] : [`  ${error.outlook}: ${error.meaning}`]),
    ...holdersOf(explanation),
    ...findingsOf(explanation, paint),
    ...unseen.map((why) => paint('yellow', `  unseen  ${why}`)),
    '',
    ...timeline.map(({ at, source, what }) =>
      paint('dim', `  ${toTheSecond(at).padEnd(20)}  ${source.padEnd(10)}  ${what}`),
    ),
    ...(next.length === 0 ? [] : ['', ...next.map((step) => `→ ${step}`)]),
  ]
}

/** Without fractions, which only some of the clocks have. */
function toTheSecond(at = 'now'): string {
  return at.replace(/\.\d+(?=Z$)/, '')
}

/** Where a resize waits, the words above are about the same. */
function findingsOf(
  { report: { findings, resize } }: Explanation,
  paint: Paint,
): readonly string[] {
  if (resize.kind !== 'settled') return []
  return findings.map((finding) => {
    const style = levelOf(finding) === 'error' ? 'red' : 'yellow'
    return `  ${paint(style, finding.code)}   ${finding.message}`
  })
}

function settledWords({ node, verdict }: Explanation['report']): readonly [Style, string] {
  if (node === undefined)
    return [
      'yellow',
      'no resize waits: the pod is not on a node yet, and starts with what it asks for',
    ]
  switch (verdict) {
    case 'verified':
      return ['green', 'no resize waits: the pod has the size that it asks for']
    case 'drift':
      return ['yellow', 'no resize waits, but there are findings about the kernel']
    case 'notNow':
    case 'warnings':
      return ['yellow', 'no resize waits, but not everything can be told about the pod now']
    default:
      return verdict satisfies never
  }
}

function stateWords({ report, now }: Explanation): readonly [Style, string] {
  const { resize } = report
  switch (resize.kind) {
    case 'settled':
      return settledWords(report)
    case 'deferred':
      return ['yellow', `deferred: ${nodeReason(resize)}${roomNow(now)}`]
    case 'infeasible':
      return ['red', `infeasible: ${nodeReason(resize)}`]
    case 'failed':
      return ['red', `the node could not carry it out: ${resize.message}`]
    case 'inProgress':
      return ['yellow', 'the node is carrying it out']
    case 'notYetObserved':
      return ['yellow', 'the node has not looked at it yet']
    default:
      return resize satisfies never
  }
}

function roomNow(now: Explanation['now']): string {
  return now?.kind === 'accepted' ? '; there is room by now' : ''
}

function sinceText({ report: { resize } }: Explanation, now: Date): string {
  const since = 'since' in resize ? resize.since : undefined
  if (since === undefined) return ''
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000))
  const minutes = Math.floor(seconds / 60)
  return `, for ${minutes > 0 ? `${minutes}m ` : ''}${seconds % 60}s`
}

function holdersOf({ now }: Explanation): readonly string[] {
  if (now?.kind !== 'deferred') return []
  return holderLines(now)
}
