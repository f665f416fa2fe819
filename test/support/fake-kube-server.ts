import type { Fetch } from '../../src/kube/connect/fetch.ts'
import type { KubeObject } from '../../src/kube/object/kube-object.ts'

/**
 * For tests: a server of one collection, with as much history as it is told to keep. A real one
 * does not break in the middle of a line, or forget its history, when it is told to.
 */
export interface FakeServer {
  readonly fetch: Fetch
  /** Method, path and query of each request so far. */
  readonly requests: string[]
  put(object: KubeObject): void
  delete(name: string): void
  /** Sends text to all watches as it is. */
  sendRaw(text: string): void
  bookmark(): void
  /** Ends all watches, in order or by an error. */
  endWatches(how?: 'close' | 'error'): void
  /** Forgets all history: watches from before now get 410. */
  compact(): void
  /** Answers the next requests with these responses, or throws these errors, before all else. */
  readonly next: (Response | Error)[]
  readonly openWatches: number
}

const encoder = new TextEncoder()

interface Change {
  readonly version: number
  readonly line: string
}

/** A response with a Status. */
export function statusResponse(code: number, reason: string, message = reason): Response {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }
  return Response.json(status, { status: code })
}

export function createFakeServer(): FakeServer {
  const objects = new Map<string, KubeObject>()
  const watches = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const requests: string[] = []
  const next: (Response | Error)[] = []
  let history: Change[] = []
  let version = 10
  let oldest = 10

  function emit(type: string, object: KubeObject): void {
    const line = `${JSON.stringify({ type, object })}\n`
    history.push({ version, line })
    sendRaw(line)
  }

  function sendRaw(text: string): void {
    for (const watch of watches) watch.enqueue(encoder.encode(text))
  }

  function watch(from: string | null): Response {
    const start = from === null ? version : Number(from)
    if (start < oldest) return statusResponse(410, 'Expired', 'too old resource version')
    let mine: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        mine = controller
        watches.add(controller)
        for (const change of history) {
          if (change.version > start) controller.enqueue(encoder.encode(change.line))
        }
      },
      cancel() {
        watches.delete(mine)
      },
    })
    return new Response(body)
  }

  function list(): Response {
    return Response.json({
      kind: 'List',
      metadata: { resourceVersion: String(version) },
      items: [...objects.values()],
    })
  }

  function answer(url: URL): Response {
    if (url.searchParams.has('watch')) return watch(url.searchParams.get('resourceVersion'))
    const name = url.pathname.split('/').at(-1) ?? ''
    const object = objects.get(name)
    if (object !== undefined) return Response.json(object)
    return name === 'pods' ? list() : statusResponse(404, 'NotFound', `pods "${name}" not found`)
  }

  return {
    fetch: async (request) => {
      const url = new URL(request.url)
      requests.push(`${request.method} ${url.pathname}${url.search}`)
      request.signal.throwIfAborted()
      const planned = next.shift()
      if (planned instanceof Error) throw planned
      return planned ?? answer(url)
    },
    requests,
    next,
    put(object) {
      const old = objects.get(object.metadata.name)
      const metadata = { ...object.metadata, resourceVersion: String(++version) }
      const stored = { ...object, metadata }
      objects.set(metadata.name, stored)
      emit(old === undefined ? 'ADDED' : 'MODIFIED', stored)
    },
    delete(name) {
      const old = objects.get(name)
      if (old === undefined) return
      objects.delete(name)
      const metadata = { ...old.metadata, resourceVersion: String(++version) }
      emit('DELETED', { ...old, metadata })
    },
    sendRaw,
    bookmark() {
      const object = { metadata: { resourceVersion: String(++version) } }
      sendRaw(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`)
    },
    endWatches(how = 'close') {
      for (const watch of watches) {
        if (how === 'close') watch.close()
        else watch.error(new Error('connection cut'))
      }
      watches.clear()
    },
    compact() {
      history = []
      oldest = version
    },
    get openWatches() {
      return watches.size
    },
  }
}
