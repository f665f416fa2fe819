import { ms, rest, row } from '../table.ts'
import type { ManyStored } from './many-stored.ts'
import type { ApiReport } from './measure-api.ts'
import type { Watchers } from './watchers.ts'
import type { DurableWrites, Rate, Writes } from './writes.ts'

/** The API server's part of the table. */
export function apiLines({ durableWrites, watchers, manyStored }: ApiReport): readonly string[] {
  return [
    ...durableWrites.flatMap((one) => [...writeLines(one), '']),
    ...watchLines(watchers),
    '',
    ...storedLines(manyStored),
  ]
}

function writeLines({ syncMs, syncs, writes }: DurableWrites): readonly string[] {
  const disk = syncMs === 0 ? '' : ` (a sync of ${syncMs} ms)`
  return [
    row(`durable writes${disk}`, 'a second', 'p50, p99', 'against bare syncs'),
    row('  bare syncs', String(Math.round(syncs.appending)), 'of a file that grows', ''),
    row('', String(Math.round(syncs.overwriting)), 'of one that stays as long', ''),
    ...writes.flatMap(rateLines),
  ]
}

function rateLines({ goal, perSync, bare, bareStore, ...rate }: Writes): readonly string[] {
  const grouped = `, ${perSync.toFixed(1)} a sync`
  const verdict =
    goal === undefined ? '' : `, goal ${goal}x ${rate.ratio >= goal ? 'reached' : 'missed'}`
  const what = rate.clients === 1 ? '  1 client' : `  ${rate.clients} clients`
  return [
    `${rateLine(what, rate)}${grouped}${verdict}`,
    rateLine('    answers alone', bare),
    rateLine('    and the disk, no API', bareStore),
  ]
}

function rateLine(what: string, { perSecond, latency, ratio, cpuMs }: Rate): string {
  const delays = `${ms(latency.p50)}, ${ms(latency.p99)}`
  return row(
    what,
    String(Math.round(perSecond)),
    delays,
    `${ratio.toFixed(2)}x, CPU ${cpuMs.toFixed(2)} ms`,
  )
}

function watchLines({ watchers, pods, first, last, burst }: Watchers): readonly string[] {
  return [
    row(`${watchers} watchers of ${pods} pods`, 'p50', 'p90 / p99', ''),
    row('  write to first watcher', ms(first.p50), rest(first), ''),
    row('  write to last watcher', ms(last.p50), rest(last), ''),
    row(`  ${burst.writes} writes to last`, ms(burst.ms), '', ''),
  ]
}

function storedLines(stored: ManyStored): readonly string[] {
  const { list, pages, table } = stored
  return [
    row(`${stored.pods} pods stored`, 'p50', 'p90 / p99', ''),
    row('  memory of each', kib(stored.residentPerPod), 'resident', ''),
    row('', kib(stored.heapPerPod), `heap; JSON: ${kib(stored.jsonPerPod)}`, ''),
    row('  start with them', ms(stored.restart), '', ''),
    row('  list', ms(list.p50), rest(list), ''),
    row('  list in pages of 500', ms(pages.p50), rest(pages), ''),
    row('  table', ms(table.p50), rest(table), ''),
  ]
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`
}
