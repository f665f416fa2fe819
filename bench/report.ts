import type { Idle } from './idle.ts'
import type { ManyResizes } from './many-resizes.ts'
import type { ManyStarts } from './many-starts.ts'
import type { OneResize } from './one-resize.ts'
import type { Summary } from './percentiles.ts'
import type { Up } from './up.ts'

export interface Report {
  readonly up: Up
  readonly oneResize: OneResize
  readonly manyStarts: ManyStarts
  readonly manyResizes: ManyResizes
  readonly idle: Idle
}

/** The table for people on stderr, all numbers as JSON on stdout. */
export function printReport(report: Report): void {
  const { up, oneResize, manyStarts, manyResizes, idle } = report
  const bare = oneResize.bareUpdate
  const lines = [
    row('podfit up to ready', ms(up.whole), '', `runtime still there: ${ms(up.withRuntime)}`),
    '',
    row('one resize', 'p50', 'p90 / p99', 'against the bare update (p50, p99)'),
    row('  bare CRI update', ms(bare.p50), rest(bare), ''),
    row('  PATCH answered', ms(oneResize.patchAnswered.p50), rest(oneResize.patchAnswered), ''),
    against('  cgroup changed', oneResize.cgroupChanged, bare),
    against('  status done', oneResize.statusDone, bare),
    '',
    row(`${manyResizes.pods} pods resized at once`, '', '', ''),
    row(
      '  bare CRI updates',
      ms(manyResizes.bareUpdates.ms),
      `${manyResizes.bareUpdates.inFlight} in flight`,
      '',
    ),
    row(
      '  last cgroup',
      ms(manyResizes.lastCgroup),
      '',
      times(manyResizes.lastCgroup, manyResizes.bareUpdates.ms),
    ),
    row(
      '  last status',
      ms(manyResizes.lastStatus),
      '',
      times(manyResizes.lastStatus, manyResizes.bareUpdates.ms),
    ),
    '',
    row(`${manyStarts.pods} pods started`, '', '', ''),
    row('  bare CRI calls', ms(manyStarts.bare.ms), `${manyStarts.bare.inFlight} in flight`, ''),
    row(
      '  applied to Running',
      ms(manyStarts.applied),
      '',
      times(manyStarts.applied, manyStarts.bare.ms),
    ),
    '',
    row(
      `idle with ${manyStarts.pods} pods`,
      `${(idle.cpu * 100).toFixed(1)} %`,
      `${Math.round(idle.memory / 2 ** 20)} MiB`,
      'of one core; resident',
    ),
  ]
  process.stderr.write(`${lines.join('\n')}\n`)
  process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`)
}

function row(what: string, first: string, second: string, third: string): string {
  return `${what.padEnd(26)}${first.padStart(10)}  ${second.padEnd(22)}${third}`.trimEnd()
}

function against(what: string, summary: Summary, bare: Summary): string {
  const ratios = `${times(summary.p50, bare.p50)}, ${times(summary.p99, bare.p99)}`
  return row(what, ms(summary.p50), rest(summary), ratios)
}

function rest({ p90, p99 }: Summary): string {
  return `${ms(p90)} / ${ms(p99)}`
}

function ms(value: number): string {
  return value < 100 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}

function times(value: number, bare: number): string {
  return `${(value / bare).toFixed(2)}x`
}
