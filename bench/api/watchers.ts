import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { setTimeout as sleep } from 'node:timers/promises'
import { inFlight, summarize, type Summary } from '../percentiles.ts'
import { EventCount } from './event-count.ts'
import { makePods, podsPath } from './api-pod.ts'
import { ApiProcess } from './api-process.ts'
import { Connection } from '../connection.ts'

export interface Watchers {
  readonly watchers: number
  readonly pods: number
  /** From sending a write to the first watcher, and to the last one, having its event. */
  readonly first: Summary
  readonly last: Summary
  /** From sending the first of many writes at once to the last watcher having all of them. */
  readonly burst: { readonly writes: number; readonly ms: number }
}

/** Many watchers of the same many pods, and how long a change takes to reach all of them. */
export async function measureWatchers(count: number, pods: number): Promise<Watchers> {
  await using server = new ApiProcess()
  await server.start()
  const names = await makePods(server, pods)
  using writer = await Connection.open(server)
  const present = await versionOf(writer)
  const lines = new EventCount()
  const sockets: TLSSocket[] = []
  const each = Array.from({ length: count }, (_, index) => index)
  await inFlight(each, 8, async () => {
    sockets.push(await openWatch(server, present, lines))
  })
  await sleep(500)
  const times = { first: [] as number[], last: [] as number[] }
  for (let round = 0; round < 100; round += 1) {
    const arrival = lines.next(count)
    const sent = performance.now()
    await touch(writer, names[round % names.length] ?? '')
    const { first, last } = await arrival
    times.first.push(first - sent)
    times.last.push(last - sent)
  }
  const many = names.slice(0, 200)
  const writers = await Promise.all(Array.from({ length: 16 }, () => Connection.open(server)))
  const arrival = lines.next(count * many.length)
  const sent = performance.now()
  await inFlight(many, writers.length, async (name) => {
    const connection = writers.pop() as Connection
    await touch(connection, name)
    writers.push(connection)
  })
  const burst = { writes: many.length, ms: (await arrival).last - sent }
  for (const socket of sockets) socket.destroy()
  for (const connection of writers) connection[Symbol.dispose]()
  return {
    watchers: count,
    pods,
    first: summarize(times.first),
    last: summarize(times.last),
    burst,
  }
}

async function touch(connection: Connection, name: string): Promise<void> {
  const labels = { touched: crypto.randomUUID() }
  await connection.ask('PATCH', `${podsPath}/${name}`, { metadata: { labels } })
}

/** The resourceVersion of the present. */
async function versionOf(connection: Connection): Promise<string> {
  const answer = await connection.ask('GET', `${podsPath}?limit=1`)
  return /"resourceVersion":"(\d+)"/.exec(answer.text())?.[1] ?? ''
}

async function openWatch(
  server: ApiProcess,
  present: string,
  lines: EventCount,
): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: server.port, ...server.credentials })
  await once(socket, 'secureConnect')
  // From the present on: what is there already would be most of what is sent.
  const path = `${podsPath}?watch=true&timeoutSeconds=3000&resourceVersion=${present}`
  socket.write(`GET ${path} HTTP/1.1\r\nHost: podfit\r\n\r\n`)
  await once(socket, 'data')
  socket.on('data', lines.reader())
  return socket
}
