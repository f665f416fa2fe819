import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Database } from '../../src/apiserver/store/database.ts'
import { serveBare } from './serve-bare.ts'

/**
 * Keeps the value that it is sent for each path in the database of the API server, and answers with
 * the whole object when that is on the disk; tells its port. There is no API: no names, schemas or
 * versions are checked, nobody watches. What HTTPS, JSON, SQLite and shared syncs take.
 */
const [directory = ''] = process.argv.slice(2)
const database = Database.open(join(directory, 'bare.db'))

interface Sent {
  readonly metadata?: object
  readonly data: object
}

interface Waiting {
  readonly key: string
  readonly json: string
  readonly outgoing: ServerResponse
}

const objects = new Map<string, Sent>()
let version = 1
let waiting: Waiting[] = []
let writing = false

/** Those that wait share a commit, as in the API server. */
async function writeAll(): Promise<void> {
  writing = true
  while (waiting.length > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    const batch = waiting
    waiting = []
    database.commit(batch.map(({ key, json }) => ({ resource: 'bare', key, version, json })))
    await database.sync(batch.length === 1)
    for (const { outgoing, json } of batch) {
      outgoing.setHeader('content-type', 'application/json')
      outgoing.setHeader('content-length', Buffer.byteLength(json))
      outgoing.end(json)
    }
  }
  writing = false
}

function keep(key: string, sent: Sent, outgoing: ServerResponse): void {
  const old = objects.get(key) ?? sent
  version += 1
  const metadata = { ...old.metadata, resourceVersion: String(version) }
  const object = { ...old, metadata, data: { ...old.data, ...sent.data } }
  objects.set(key, object)
  waiting.push({ key, json: JSON.stringify(object), outgoing })
  if (!writing) void writeAll()
}

await serveBare(directory, (incoming, outgoing) => {
  let body = ''
  incoming.setEncoding('utf8').on('data', (piece: string) => (body += piece))
  incoming.on('end', () => keep(incoming.url ?? '', JSON.parse(body) as Sent, outgoing))
})
