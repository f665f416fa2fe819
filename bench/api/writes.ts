import { cpuMs } from '../cpu-time.ts'
import { summarize, type Summary } from '../percentiles.ts'
import { ApiProcess } from './api-process.ts'
import type { Syncs } from './api-program.ts'
import { startBare, startBareStore } from './bare-process.ts'
import { Connection, type Served } from '../connection.ts'
import { create, writeFor, type Load } from './write-load.ts'

/** What some clients got of a server, each one thing after the other. */
export interface Rate {
  readonly clients: number
  readonly perSecond: number
  readonly latency: Summary
  /** Against bare syncs of a growing file, measured right before. */
  readonly ratio: number
  /** What each takes of the server's processors, milliseconds: what else is busy changes it little. */
  readonly cpuMs: number
}

export interface Writes extends Rate {
  /** How many writes shared a sync, on average. */
  readonly perSync: number
  /** What the ratio is to be at least, where there is such a goal: see `goals`. */
  readonly goal?: number
  /** The same clients with a server that only answers: what Node.js and TLS leave of a processor. */
  readonly bare: Rate
  /** The same with one that keeps what it is sent on this disk, and knows no API: what can be had. */
  readonly bareStore: Rate
}

/**
 * The least ratio to bare syncs by the number of clients: one alone waits for a sync of its
 * own and may lose as much again to the server; many share theirs.
 */
const goals: Readonly<Record<number, number>> = { 1: 0.5, 64: 5 }

export interface DurableWrites {
  /** What a sync was made to take at least, milliseconds; 0 is the disk as it is. */
  readonly syncMs: number
  /** The medians of those before each number of clients. */
  readonly syncs: Syncs
  readonly writes: readonly Writes[]
}

/** Small changes of objects, each client its own, one after the other; every answer means that it is on the disk. */
export async function measureDurableWrites(
  syncMs: number,
  seconds: number,
): Promise<DurableWrites> {
  await using server = new ApiProcess(syncMs)
  await server.start()
  await using bare = await startBare(server, await anAnswer(server))
  await using bareStore = await startBareStore(server)
  // Until what runs often is compiled.
  await writeFor(server, { clients: 64, lasting: 5000 })
  await writeFor(bareStore, { clients: 64, lasting: 2000 })
  await writeFor(bare, { clients: 64, lasting: 1000, checked: false })
  const syncs: Syncs[] = []
  const writes: Writes[] = []
  for (const clients of [1, 16, 64]) {
    const alone = await server.syncs()
    syncs.push(alone)
    const goal = goals[clients]
    const before = await server.commits()
    const rate = await rateOf(server, { clients, lasting: seconds * 1000 }, alone)
    writes.push({
      ...rate,
      perSync: rate.latency.count / ((await server.commits()) - before),
      ...(goal !== undefined && { goal }),
      bare: await rateOf(bare, { clients, lasting: 2000, checked: false }, alone),
      bareStore: await rateOf(bareStore, { clients, lasting: 2000 }, alone),
    })
  }
  const median = (of: keyof Syncs) => summarize(syncs.map((one) => one[of])).p50
  const medians = { appending: median('appending'), overwriting: median('overwriting') }
  return { syncMs, syncs: medians, writes }
}

async function rateOf(
  server: Served & { readonly pid: number },
  load: Load,
  { appending }: Syncs,
): Promise<Rate> {
  const before = cpuMs(server.pid)
  const latency = summarize(await writeFor(server, load))
  const perSecond = latency.count / (load.lasting / 1000)
  return {
    clients: load.clients,
    perSecond,
    latency,
    ratio: perSecond / appending,
    cpuMs: (cpuMs(server.pid) - before) / latency.count,
  }
}

/** What the server answers a write with, as long as the others are. */
async function anAnswer(server: ApiProcess): Promise<string> {
  using connection = await Connection.open(server)
  const { text } = await create(connection, `written-${crypto.randomUUID()}`)
  return text().slice(text().indexOf('\r\n\r\n') + 4)
}
