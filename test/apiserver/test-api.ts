import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createApiServer,
  type ApiServer,
  type ApiServerOptions,
} from '../../src/apiserver/api-server.ts'

/** An answer with its body read as JSON; fields are looked up loosely, as tests do. */
export interface Answer {
  readonly code: number
  readonly headers: Headers
  readonly text: string
  readonly body: Body
}

/** JSON of any shape: whatever a test looks up may be there; `textOf` and `listOf` read the leaves. */
export interface Body {
  readonly [key: string]: Body
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}

export function listOf(value: unknown): readonly Body[] {
  return Array.isArray(value) ? value : []
}

export const admin = { name: 'podfit-admin', groups: ['system:masters'] }

export const patchTypes = {
  strategic: 'application/strategic-merge-patch+json',
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
} as const

/** An API server in this process on a database of its own, and short ways to ask it. */
export class TestApi implements Disposable {
  readonly api: ApiServer
  readonly directory: string
  readonly errors: unknown[]

  constructor(api: ApiServer, directory: string, errors: unknown[]) {
    this.api = api
    this.directory = directory
    this.errors = errors
  }

  static async start(options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
    const directory = mkdtempSync(join(tmpdir(), 'podfit-api-'))
    const errors: unknown[] = []
    const api = await createApiServer({
      database: join(directory, 'api.db'),
      onError: (error) => errors.push(error),
      ...options,
    })
    return new TestApi(api, directory, errors)
  }

  async ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const request = new Request(`http://podfit${path}`, { ...init, method })
    const response = await this.api.fetch(request, { user: admin })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') ?? false
    const body = (isJson && text !== '' ? JSON.parse(text) : {}) as Body
    return { code: response.status, headers: response.headers, text, body }
  }

  get(path: string, accept = 'application/json'): Promise<Answer> {
    return this.ask('GET', path, { headers: { accept } })
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.send('POST', path, body)
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.send('PUT', path, body)
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return body === undefined ? this.ask('DELETE', path) : this.send('DELETE', path, body)
  }

  patch(path: string, body: unknown, type: keyof typeof patchTypes = 'strategic'): Promise<Answer> {
    return this.send('PATCH', path, body, patchTypes[type])
  }

  /** Gives the pod at `path` its node, as a scheduler does. */
  bind(path: string, node = 'n1'): Promise<Answer> {
    const metadata = { name: path.split('/').at(-1) }
    return this.post(`${path}/binding`, { metadata, target: { kind: 'Node', name: node } })
  }

  send(
    method: string,
    path: string,
    body: unknown,
    contentType = 'application/json',
  ): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.ask(method, path, { body: text, headers: { 'content-type': contentType } })
  }

  /** Opens a watch; its events are read one by one. */
  async watch(path: string, accept = 'application/json'): Promise<WatchReader> {
    const request = new Request(`http://podfit${path}`, { headers: { accept } })
    const response = await this.api.fetch(request, { user: admin })
    if (response.status !== 200 || response.body === null) {
      throw new Error(`watch ${path}: ${response.status} ${await response.text()}`)
    }
    return new WatchReader(response.body)
  }

  [Symbol.dispose](): void {
    this.api.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

export interface TestEvent {
  readonly type: string
  readonly object: Body
}

/** Reads the lines of a watch. */
export class WatchReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #decoder = new TextDecoder()
  #rest = ''

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader()
  }

  /** The next event; undefined at the end of the watch. */
  async next(): Promise<TestEvent | undefined> {
    for (;;) {
      const at = this.#rest.indexOf('\n')
      if (at !== -1) {
        const line = this.#rest.slice(0, at)
        this.#rest = this.#rest.slice(at + 1)
        return JSON.parse(line) as TestEvent
      }
      const { value, done } = await this.#reader.read()
      if (done) return undefined
      this.#rest += this.#decoder.decode(value, { stream: true })
    }
  }

  /** The next `count` events as `TYPE name`. */
  async take(count: number): Promise<readonly string[]> {
    const seen: string[] = []
    while (seen.length < count) {
      const event = await this.next()
      if (event === undefined) break
      const name = event.object['metadata']?.['name']
      seen.push(name === undefined ? event.type : `${event.type} ${textOf(name)}`)
    }
    return seen
  }

  cancel(): Promise<void> {
    return this.#reader.cancel()
  }
}

/** A pod with one container `main` of the given size. */
export function podBody(
  name: string,
  resources: unknown = {
    requests: { cpu: '100m', memory: '64Mi' },
    limits: { cpu: '200m', memory: '128Mi' },
  },
): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { containers: [{ name: 'main', image: 'busybox:1', resources }] },
  }
}

export const podsPath = '/api/v1/namespaces/default/pods'
