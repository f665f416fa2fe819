import assert from 'node:assert/strict'
import { TestApi, textOf, type Answer } from './test-api.ts'

/** How each refusal that a client can bring upon itself calls its reason. */
const reasons: Readonly<Record<number, readonly string[]>> = {
  400: ['BadRequest'],
  403: ['Forbidden'],
  404: ['NotFound'],
  405: ['MethodNotAllowed'],
  409: ['AlreadyExists', 'Conflict'],
  410: ['Expired'],
  413: ['RequestEntityTooLarge'],
  415: ['UnsupportedMediaType'],
  422: ['Invalid'],
  // A resourceVersion that is still to come.
  504: ['Timeout'],
}

/** Far more than any answer takes: what takes longer hangs. */
const deadlineMs = 30_000

/** Objects that the server itself goes on changing, or that have a second form elsewhere. */
const volatile = /\/(events|resourcequotas)\//

/**
 * An API server that is asked for anything: every answer must come, be a success or a Status
 * that says why not, and no object that was acknowledged may be lost or change by itself.
 */
export class FuzzApi implements Disposable {
  readonly api: TestApi
  /** The objects by their paths, as the server showed them last. */
  readonly #acknowledged = new Map<string, unknown>()

  private constructor(api: TestApi) {
    this.api = api
  }

  static async start(): Promise<FuzzApi> {
    return new FuzzApi(await TestApi.start())
  }

  /** Asks, and holds the answer to all that holds for every answer. */
  async ask(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const what = `${method} ${path} ${describeBody(init.body)}`
    const answer = await inTime(this.api.ask(method, path, init), what)
    this.#check(answer, what)
    if (answer.code < 300 && !path.includes('dryRun=All')) await this.#note(method, path, answer)
    return answer
  }

  send(method: string, path: string, body: unknown, type = 'application/json'): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    return this.ask(method, path, { body: text, headers: { 'content-type': type } })
  }

  /** Opens a watch and lets it go again, or holds its refusal to what holds for every answer. */
  async watch(path: string): Promise<void> {
    const request = new Request(`http://podfit${path}`)
    const opening = this.api.api.fetch(request, { user: { name: 'fuzz', groups: [] } })
    const response = await inTime(opening, path)
    if (response.status === 200) return response.body?.cancel()
    const text = await response.text()
    const body = JSON.parse(text) as Answer['body']
    this.#check({ code: response.status, headers: response.headers, text, body }, path)
  }

  /** Every acknowledged object is there, as it was acknowledged. */
  async verify(): Promise<void> {
    for (const [path, object] of this.#acknowledged) {
      // What is being deleted goes when its finalizers do.
      if (this.#isLeaving(path)) continue
      const { code, body } = await this.api.get(path)
      assert.equal(code, 200, `${path} is lost`)
      if (!volatile.test(path)) assert.deepEqual(body, object, `${path} changed by itself`)
    }
  }

  [Symbol.dispose](): void {
    this.api[Symbol.dispose]()
  }

  #check({ code, body, text }: Answer, what: string): void {
    assert.deepEqual(this.api.errors.splice(0), [], what)
    if (code < 300) return
    const known = reasons[code]
    assert.ok(known, `${code} for ${what}: ${text}`)
    assert.deepEqual(
      [body['kind'], body['code'], body['status']],
      ['Status', code, 'Failure'],
      what,
    )
    assert.ok(known.includes(textOf(body['reason'])), `${text} for ${what}`)
    assert.notEqual(textOf(body['message']), '', what)
  }

  async #note(method: string, asked: string, { body }: Answer): Promise<void> {
    const path = asked.replace(/\?.*$/, '')
    if (method === 'GET') return
    if (method === 'POST' && !/\/a\/[a-z]+$/.test(path)) {
      // Reviews are answered, not stored.
      const name = textOf(body['metadata']?.['name'] ?? '')
      if (name !== '' && !path.includes('review')) this.#acknowledged.set(`${path}/${name}`, body)
      return
    }
    const object = path.replace(/(\/[^/]+)\/(status|resize|binding|eviction|token|finalize)$/, '$1')
    const now = await this.api.get(object)
    if (now.code === 200) this.#acknowledged.set(object, now.body)
    else this.#gone(method, object, asked)
  }

  #gone(method: string, object: string, asked: string): void {
    const mayEnd = method === 'DELETE' || asked.endsWith('/eviction')
    assert.ok(mayEnd || this.#isLeaving(object), `${method} ${asked} lost ${object}`)
    this.#acknowledged.delete(object)
  }

  /** Whether it was deleted before and only its finalizers held it. */
  #isLeaving(path: string): boolean {
    const known = this.#acknowledged.get(path) as Answer['body'] | undefined
    return known?.['metadata']?.['deletionTimestamp'] !== undefined
  }
}

function describeBody(body: RequestInit['body']): string {
  return typeof body === 'string' ? body : Buffer.from((body ?? '') as Uint8Array).toString('hex')
}

async function inTime<T>(answer: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer to ${what}`)), deadlineMs)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
