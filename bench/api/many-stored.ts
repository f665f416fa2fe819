import { summarize, type Summary } from '../percentiles.ts'
import { makePods, podsPath } from './api-pod.ts'
import { ApiProcess } from './api-process.ts'
import { Connection } from '../connection.ts'

export interface ManyStored {
  readonly pods: number
  /** Bytes of JSON as it is sent. */
  readonly jsonPerPod: number
  /** Bytes above an empty server, after a restart. */
  readonly heapPerPod: number
  readonly residentPerPod: number
  readonly restart: number
  readonly list: Summary
  /** In pages of 500, as kubectl does. */
  readonly pages: Summary
  readonly table: Summary
}

/** What many pods take: memory, time to start with them, time to list them. */
export async function measureManyStored(pods: number): Promise<ManyStored> {
  await using server = new ApiProcess()
  await server.start()
  // The first start makes keys, which takes memory of its own.
  await server.stop()
  await server.start()
  const empty = await server.memory()
  await makePods(server, pods)
  await server.stop()
  const begun = performance.now()
  await server.start()
  const restart = performance.now() - begun
  const full = await server.memory()
  using connection = await Connection.open(server)
  const { bytes } = await connection.ask('GET', podsPath)
  return {
    pods,
    jsonPerPod: bytes / pods,
    heapPerPod: (full.heapUsed - empty.heapUsed) / pods,
    residentPerPod: (full.rss - empty.rss) / pods,
    restart,
    list: await timed(10, () => connection.ask('GET', podsPath)),
    pages: await timed(10, () => listPages(connection)),
    table: await timed(5, () => connection.ask('GET', podsPath, undefined, { accept: tableType })),
  }
}

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

async function listPages(connection: Connection): Promise<void> {
  let next = ''
  do {
    const answer = await connection.ask('GET', `${podsPath}?limit=500${next}`)
    const token = /"continue":"([^"]+)"/.exec(answer.text().slice(0, 1000))
    next = token === null ? '' : `&continue=${encodeURIComponent(token[1] ?? '')}`
  } while (next !== '')
}

async function timed(rounds: number, run: () => Promise<unknown>): Promise<Summary> {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now()
    await run()
    times.push(performance.now() - begun)
  }
  return summarize(times)
}
