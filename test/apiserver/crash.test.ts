import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { slow, waitUntil } from '../support/wait-until.ts'
import { Mirror, type MapObject } from './mirror.ts'

const program = join(import.meta.dirname, 'server-program.ts')
const maps = '/api/v1/namespaces/default/configmaps'
const rounds = 5
/** As many as share a commit: each kill leaves some of them acknowledged and some on their way. */
const writers = 64

interface Server {
  readonly child: ChildProcess
  readonly url: string
}

async function start(directory: string): Promise<Server> {
  const child = spawn(process.execPath, [program, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, url }
}

interface Reply {
  readonly code: number
  readonly body: {
    readonly metadata?: { readonly name?: string; readonly resourceVersion?: string }
    readonly data?: Readonly<Record<string, string>>
    readonly items?: readonly Reply['body'][]
  }
}

function ask(
  agent: Agent,
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
    }
    const request = httpsRequest(`${url}${path}`, { agent, method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        resolve({ code: response.statusCode ?? 0, body: JSON.parse(text) as Reply['body'] })
      })
    })
    request.on('error', reject)
    request.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function agentFor(directory: string): Promise<Agent> {
  const [ca, cert, key] = await Promise.all(
    ['ca.crt', 'admin.crt', 'admin.key'].map((name) => readFile(join(directory, 'pki', name))),
  )
  return new Agent({ keepAlive: true, ca: ca ?? '', cert: cert ?? '', key: key ?? '' })
}

/**
 * What each object may be found as: one value once a write was acknowledged, two
 * while the next is on its way. `undefined` is a removed object.
 */
type Acknowledged = Map<string, readonly (string | undefined)[]>

/** Creates, changes and removes objects of its own until the server dies; notes what was acknowledged. */
async function write(
  send: (method: string, path: string, body?: unknown) => Promise<Reply>,
  prefix: string,
  acknowledged: Acknowledged,
  versions: number[],
): Promise<void> {
  const note = (reply: Reply) => {
    const version = Number(reply.body.metadata?.resourceVersion)
    if (!Number.isNaN(version)) versions.push(version)
  }
  for (let index = 0; ; index++) {
    const name = `${prefix}-${index}`
    const made = await send('POST', maps, { metadata: { name }, data: { value: '0' } })
    assert.equal(made.code, 201)
    acknowledged.set(name, ['0', '1'])
    note(made)
    const changed = await send('PATCH', `${maps}/${name}`, { data: { value: '1' } })
    assert.equal(changed.code, 200)
    acknowledged.set(name, ['1'])
    note(changed)
    if (index % 3 !== 0) continue
    acknowledged.set(name, ['1', undefined])
    const removed = await send('DELETE', `${maps}/${name}`)
    assert.equal(removed.code, 200)
    acknowledged.set(name, [undefined])
  }
}

describe('kill -9 under a load of writes', () => {
  it('loses nothing that was acknowledged, and counts on', { timeout: slow(100_000) }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'podfit-crash-'))
    const acknowledged: Acknowledged = new Map()
    const mirror = new Mirror()
    let highest = 0
    try {
      for (let round = 0; round < rounds; round++) {
        const { child, url } = await start(directory)
        after(() => child.kill('SIGKILL'))
        const agent = await agentFor(directory)
        const send = (method: string, path: string, body?: unknown) =>
          ask(agent, url, method, path, body)
        const { body } = await send('GET', maps)
        const found = new Map(
          body.items?.map((item) => [item.metadata?.name, item.data?.['value']]),
        )
        for (const [name, values] of acknowledged) {
          const value = found.get(name)
          assert.ok(
            values.includes(value),
            `${name} is ${value} after kill ${round}, not ${values.join(' or ')}`,
          )
          acknowledged.set(name, [value])
        }
        const version = Number(body.metadata?.resourceVersion)
        assert.ok(version >= highest, `${version} after ${highest}`)
        const list = async () => {
          const { body } = await send('GET', maps)
          return {
            version: body.metadata?.resourceVersion ?? '',
            items: (body.items ?? []) as readonly MapObject[],
          }
        }
        const following = mirror.follow(agent, `${url}${maps}`, list)
        await waitUntil(`the watcher to know what is there after kill ${round}`, () =>
          isDeepStrictEqual(mirror.values, found),
        )
        const versions: number[] = []
        const writing = Array.from({ length: writers }, (_, writer) =>
          write(send, `r${round}-w${writer}`, acknowledged, versions).catch((error: unknown) => {
            if (error instanceof assert.AssertionError) throw error
          }),
        )
        await waitUntil('some writes', () => versions.length > 10)
        // A kill at any moment, not when something is done.
        await sleep(Math.random() * 600)
        child.kill('SIGKILL')
        await Promise.all([once(child, 'exit'), following, ...writing])
        agent.destroy()
        for (const seen of versions) assert.ok(seen > version)
        highest = Math.max(highest, ...versions)
      }
      assert.equal(mirror.resumed, rounds - 1)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
