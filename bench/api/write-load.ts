import { Connection, type Answer, type Served } from '../connection.ts'

export const mapsPath = '/api/v1/namespaces/default/configmaps'

export interface Load {
  readonly clients: number
  /** Milliseconds. */
  readonly lasting: number
  /** Whether each answer has to hold what was written. @default true */
  readonly checked?: boolean
}

/**
 * As many changes of small objects as `server` answers: each client has an object of its own
 * and sends the next change when the one before is answered.
 *
 * @returns how long each change took, milliseconds.
 * @throws Error when an answer is none of the 200s, or does not hold what was written.
 */
export async function writeFor(server: Served, load: Load): Promise<number[]> {
  const { clients, lasting, checked = true } = load
  const connections = await Promise.all(
    Array.from({ length: clients }, () => Connection.open(server)),
  )
  const names = connections.map(() => `written-${crypto.randomUUID()}`)
  await Promise.all(connections.map((one, index) => create(one, names[index] ?? '')))
  const times: number[] = []
  const end = performance.now() + lasting
  await Promise.all(
    connections.map(async (connection, index) => {
      for (let value = 1; performance.now() < end; value += 1) {
        const begun = performance.now()
        const answer = await change(connection, names[index] ?? '', value)
        times.push(performance.now() - begun)
        if (checked && !answer.text().includes(`"value":"${value}"`)) {
          throw new Error(`the answer to value ${value} has another: ${answer.text()}`)
        }
      }
    }),
  )
  for (const connection of connections) connection[Symbol.dispose]()
  return times
}

export async function create(connection: Connection, name: string): Promise<Answer> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { value: '0' } }
  return connection.ask('POST', mapsPath, body)
}

function change(connection: Connection, name: string, value: number): Promise<Answer> {
  return connection.ask('PATCH', `${mapsPath}/${name}`, { data: { value: String(value) } })
}
