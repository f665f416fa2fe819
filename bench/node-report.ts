import type { Idle } from './idle.ts'
import type { KernelFirst } from './kernel-first.ts'
import type { ManyResizes } from './many-resizes.ts'
import type { ManyStarts } from './many-starts.ts'
import type { OneResize } from './one-resize.ts'
import type { Summary } from './percentiles.ts'
import { against, ms, rest, row, times } from './table.ts'
import type { Up } from './up.ts'

/** What the node costs above its runtime. */
export interface NodeReport {
  readonly up: Up
  readonly oneResize: OneResize
  /** From room that appears to the cgroup of the pod that waited for it. */
  readonly deferred: Summary
  /** One resize beside all the other pods. */
  readonly crowded: OneResize
  readonly kernelFirst: KernelFirst
  readonly manyStarts: ManyStarts
  readonly manyResizes: ManyResizes
  readonly idle: Idle
}

/** The node's part of the table. */
export function nodeLines(report: NodeReport): readonly string[] {
  const { up, oneResize, deferred, crowded, kernelFirst, manyStarts, manyResizes, idle } = report
  return [
    row('podfit up to ready', ms(up.whole), '', `runtime still there: ${ms(up.withRuntime)}`),
    '',
    ...oneResizeRows('one resize', oneResize),
    row(
      '  deferred, from room',
      ms(deferred.p50),
      rest(deferred),
      `${times(deferred.p50, oneResize.cgroupChanged.p50)} of a plain one`,
    ),
    '',
    ...oneResizeRows(`one of ${manyResizes.pods + 2} pods`, crowded),
    '',
    ...manyResizesRows(manyResizes),
    '',
    ...oneResizeRows('kernel first: one resize', kernelFirst.oneResize),
    '',
    ...manyResizesRows(kernelFirst.manyResizes),
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

function oneResizeRows(what: string, one: OneResize): readonly string[] {
  const bare = one.bareUpdate
  return [
    row(what, 'p50', 'p90 / p99', 'against the bare update (p50, p99)'),
    row('  bare CRI update', ms(bare.p50), rest(bare), ''),
    row('  PATCH answered', ms(one.patchAnswered.p50), rest(one.patchAnswered), ''),
    against('  cgroup changed', one.cgroupChanged, bare),
    against('  status done', one.statusDone, bare),
  ]
}

function manyResizesRows(many: ManyResizes): readonly string[] {
  const { bareUpdates: bare, lastCgroup, lastStatus, rounds } = many
  const cgroups = rounds.map((round) => round.lastCgroup)
  return [
    row(`${many.pods} pods resized at once`, '', 'first, slowest', ''),
    row('  bare CRI updates', ms(bare.ms), `${bare.inFlight} in flight`, ''),
    row(
      '  last cgroup',
      ms(lastCgroup),
      `${ms(cgroups[0] ?? Number.NaN)}, ${ms(Math.max(...cgroups))}`,
      times(lastCgroup, bare.ms),
    ),
    row('  last status', ms(lastStatus), '', times(lastStatus, bare.ms)),
  ]
}
