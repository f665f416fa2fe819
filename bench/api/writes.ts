import { summarize, type Summary } from '../percentiles.ts'
import { ApiProcess } from './api-process.ts'
import { Connection } from './connection.ts'

export interface Writes {
  readonly clients: number
  readonly perSecond: number
  readonly latency: Summary
  /** Against bare syncs, measured right before. */
  readonly ratio: number
  /** What the ratio is to be at least, where there is such a goal: see `goals`. */
  readonly goal?: number
}

/**
 * The least ratio to bare syncs by the number of clients: one alone waits for a sync of its
 * own and may lose as much again to the server; many share theirs.
 */
const goals: Readonly<Record<number, number>> = { 1: 0.5, 64: 5 }

export interface DurableWrites {
  /** What a sync was made to take at least, milliseconds; 0 is the disk as it is. */
  readonly syncMs: number
  /** The median of those before each number of clients. */
  readonly syncsPerSecond: number
  readonly writes: readonly Writes[]
}

const maps = '/api/v1/namespaces/default/configmaps'

/** Small changes of objects, each client its own, one after the other; every answer means that it is on the disk. */
export async function measureDurableWrites(
  syncMs: number,
  seconds: number,
): Promise<DurableWrites> {
  await using server = new ApiProcess(syncMs)
  await server.start()
  await writeFor(server, 16, 1000)
  const syncs: number[] = []
  const writes: Writes[] = []
  for (const clients of [1, 16, 64]) {
    const bare = await server.syncsPerSecond()
    syncs.push(bare)
    const latency = summarize(await writeFor(server, clients, seconds * 1000))
    const perSecond = latency.count / seconds
    const goal = goals[clients]
    const ratio = perSecond / bare
    writes.push({ clients, perSecond, latency, ratio, ...(goal !== undefined && { goal }) })
  }
  syncs.sort((a, b) => a - b)
  return { syncMs, syncsPerSecond: syncs[1] ?? Number.NaN, writes }
}

/** How long each write took. */
async function writeFor(server: ApiProcess, clients: number, ms: number): Promise<number[]> {
  const connections = await Promise.all(
    Array.from({ length: clients }, () => Connection.open(server)),
  )
  const names = connections.map(() => `written-${crypto.randomUUID()}`)
  await Promise.all(connections.map((one, index) => create(one, names[index] ?? '')))
  const times: number[] = []
  const end = performance.now() + ms
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let value = 1; performance.now() < end; value += 1) {
        const begun = performance.now()
        await connection.ask('PATCH', `${maps}/${names[index]}`, { data: { value: String(value) } })
        times.push(performance.now() - begun)
      }
    }),
  )
  for (const connection of connections) connection[Symbol.dispose]()
  return times
}

async function create(connection: Connection, name: string): Promise<void> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: '0' } }
  await connection.ask('POST', maps, body)
}
