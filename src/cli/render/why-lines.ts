import type { Explanation } from '../../operate/explain-wait.ts'
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
    ...unseen.map((why) => paint('yellow', `  unseen  ${why}`)),
    '',
    ...timeline.map(({ at, source, what }) =>
      paint('dim', `  ${(at ?? 'now').slice(0, 20).padEnd(20)}  ${source.padEnd(10)}  ${what}`),
    ),
    ...(next.length === 0 ? [] : ['', ...next.map((step) => `→ ${step}`)]),
  ]
}

function stateWords({ report, now }: Explanation): readonly [Style, string] {
  const { resize, verdict } = report
  switch (resize.kind) {
    case 'settled':
      return verdict === 'drift'
        ? ['yellow', 'no resize waits, but there are findings about the kernel']
        : ['green', 'no resize waits: the pod has the size that it asks for']
    case 'deferred':
      return ['yellow', `deferred: ${resize.message || 'the node has no room'}${roomNow(now)}`]
    case 'infeasible':
      return ['red', `infeasible: ${resize.message || 'the node can never grant it'}`]
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
