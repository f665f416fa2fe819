import type { Fetch } from '../connect/fetch.ts'
import type { KubeObject } from '../object/kube-object.ts'
import { patchContentType } from '../object/patch.ts'
import { collectionPath, objectPath, withQuery, type Query } from '../object/paths.ts'
import { apiVersionOf, pods, type KubeResource } from '../object/resource.ts'
import type { WatchEvent } from '../object/watch-event.ts'
import { jsonAnswer } from './json-answer.ts'
import { jsonLines } from './json-lines.ts'
import type {
  DeleteOptions,
  KubeClient,
  ListOptions,
  WatchOptions,
  WriteOptions,
} from './kube-client.ts'
import { KubeError, errorFromStatus, type Status } from './kube-error.ts'
import { send, type Outgoing, type SendOptions } from './send.ts'
import { unreachable } from './unreachable.ts'

export interface KubeClientOptions {
  readonly fetch: Fetch
  /** Base URL without a trailing slash. */
  readonly server: string
  /** @default podfit */
  readonly userAgent?: string
  readonly onWarning?: (text: string) => void
}

function writeQuery(options: WriteOptions): Query {
  const { dryRun, fieldManager, fieldValidation, force } = options
  return { dryRun: dryRun ? 'All' : undefined, fieldManager, fieldValidation, force }
}

function selectionQuery(options: ListOptions & WatchOptions): Query {
  const { namespace: _, signal: __, ...query } = options
  return { ...query }
}

function deleteBody(options: DeleteOptions): object | undefined {
  const { gracePeriodSeconds, propagationPolicy, uid, dryRun } = options
  const wanted = {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(uid === undefined ? {} : { preconditions: { uid } }),
    ...(dryRun ? { dryRun: ['All'] } : {}),
  }
  if (Object.keys(wanted).length === 0) return undefined
  return { kind: 'DeleteOptions', apiVersion: 'v1', ...wanted }
}

type WireEvent<T extends KubeObject> =
  | WatchEvent<T>
  | { readonly type: 'ERROR'; readonly object: Status }

async function* eventsIn<T extends KubeObject>(
  response: Response,
  server: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<WatchEvent<T>> {
  if (response.body === null) return
  try {
    for await (const line of jsonLines(response.body, signal)) {
      const event = line as WireEvent<T>
      if (event.type === 'ERROR') throw errorFromStatus(event.object)
      yield event
    }
  } catch (cause) {
    if (signal?.aborted) return
    throw cause instanceof KubeError ? cause : unreachable(server, cause)
  }
}

/** A client over any transport. Costs nothing until the first call. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { server } = options
  const sending: SendOptions = { userAgent: 'podfit', ...options }

  async function answer<T>(outgoing: Outgoing): Promise<T> {
    return jsonAnswer(await send(outgoing, sending), server, outgoing.signal)
  }

  return {
    server,
    get: (resource, address, { signal } = {}) =>
      answer({ method: 'GET', path: objectPath(resource, address), signal }),
    list(resource, options = {}) {
      const path = collectionPath(resource, options.namespace)
      const query = withQuery(path, selectionQuery(options))
      return answer({ method: 'GET', path: query, signal: options.signal })
    },
    create(resource, object, options = {}) {
      const namespace = options.namespace ?? object.metadata.namespace
      const path = withQuery(collectionPath(resource, namespace), writeQuery(options))
      const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }
      return answer({ method: 'POST', path, body, signal: options.signal })
    },
    update(resource, address, object, options = {}) {
      const path = withQuery(objectPath(resource, address), writeQuery(options))
      const body = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...object }
      return answer({ method: 'PUT', path, body, signal: options.signal })
    },
    patch(resource, address, { type, body }, options = {}) {
      const path = withQuery(objectPath(resource, address), writeQuery(options))
      const contentType = patchContentType[type]
      return answer({ method: 'PATCH', path, body, contentType, signal: options.signal })
    },
    delete(resource, address, options = {}) {
      const path = objectPath(resource, address)
      return answer({ method: 'DELETE', path, body: deleteBody(options), signal: options.signal })
    },
    async *watch<T extends KubeObject>(resource: KubeResource<T>, options: WatchOptions = {}) {
      const { signal, namespace } = options
      const query = { ...selectionQuery(options), watch: true }
      const path = withQuery(collectionPath(resource, namespace), query)
      let response: Response
      try {
        response = await send({ method: 'GET', path, signal }, sending)
      } catch (error) {
        if (signal?.aborted) return
        throw error
      }
      yield* eventsIn<T>(response, server, signal)
    },
    async logs(address, { signal, ...query } = {}) {
      const path = withQuery(objectPath(pods, { ...address, subresource: 'log' }), query)
      const response = await send({ method: 'GET', path, accept: '*/*', signal }, sending)
      return response.body ?? new Blob([]).stream()
    },
    request: (outgoing) => send(outgoing, sending),
  }
}
