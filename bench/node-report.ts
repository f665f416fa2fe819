import type { Idle } from './idle.ts'
import type { ManyResizes } from './many-resizes.ts'
import type { ManyStarts } from './many-starts.ts'
import type { OneResize } from './one-resize.ts'
import { against, ms, rest, row, times } from './table.ts'
import type { Up } from './up.ts'

/** What the node costs above its runtime. */
export interface NodeReport {
  readonly up: Up
  readonly oneResize: OneResize
  readonly manyStarts: ManyStarts
  readonly manyResizes: ManyResizes
  readonly idle: Idle
}

/** The node's part of the table. */
export function nodeLines(report: NodeReport): readonly string[] {
  const { up, oneResize, manyStarts, manyResizes, idle } = report
  const bare = oneResize.bareUpdate
  return [
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
}
