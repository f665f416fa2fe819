import { Hono } from 'hono'
import { defaultVersion, type KubeVersion } from '../domain/resize/kube-version.ts'
import { AccountTokens } from './auth/account-tokens.ts'
import { bearerToken } from './auth/bearer.ts'
import { checkToken } from './auth/check-token.ts'
import { impersonated } from './auth/impersonate.ts'
import { issuerConfiguration, issuerKeys } from './auth/issuer-documents.ts'
import { KnownTokens } from './auth/known-tokens.ts'
import { newTokenKey, type TokenKey } from './auth/token-key.ts'
import { collectGarbage } from './garbage/collect-garbage.ts'
import { Documents } from './discovery/documents.ts'
import { expireEvents } from './event-expiry.ts'
import { answerCheck, answerHealth, type HealthCheck } from './health.ts'
import { kindsOf } from './kinds/all-kinds.ts'
import { KindTable } from './kinds/kind-table.ts'
import { makeInitialObjects } from './initial-objects.ts'
import { fillNamespaces } from './namespace-contents.ts'
import { followNamespaces, makeInitialNamespaces } from './namespace-lifecycle.ts'
import { ApiMetrics } from './metrics/api-metrics.ts'
import type { NodeStreams } from './node-streams.ts'
import { streamUrl } from './pods/streams.ts'
import { followQuotas } from './quota/follow-quotas.ts'
import type { Call, ServerParts, User } from './rest/call.ts'
import { failure } from './rest/failure.ts'
import { InFlight } from './rest/in-flight.ts'
import { targetOf, verbOf } from './rest/route.ts'
import { runCall } from './rest/run-call.ts'
import { proxyToNode, type ConnectedNode } from './nodes/node-proxy.ts'
import { StatusError, unauthorized, unknownPath } from './status-error.ts'
import { Store } from './store/store.ts'
import type { UsageSource } from './usage-source.ts'
import { gitVersionOf, versionInfo } from './version.ts'

export interface ApiServerOptions {
  /** The SQLite file; its folder must exist. */
  readonly database: string
  /** The Kubernetes whose rules hold, resizing above all. @default the newest known */
  readonly kubeVersion?: KubeVersion
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
  /** Called at named steps of a write, for crash tests. */
  readonly onStep?: (step: string) => void
  /** The certificate by which pods know this server, as PEM. @default pods are told none */
  readonly authority?: string
  /** Signs service account tokens. @default one that is gone with the server */
  readonly tokenKey?: TokenKey
  /** Tokens besides those of service accounts. @default none */
  readonly knownTokens?: KnownTokens
  /** Whether nodes can mount tokens of service accounts; pods then get them. @default false */
  readonly mountTokens?: boolean
  /** Logs and ways into containers. @default none: those requests are answered 503 */
  readonly streams?: NodeStreams
  /** A node that is connected, by its name. @default none: its proxy answers 503 */
  readonly connectedNode?: (name: string) => ConnectedNode | undefined
  /** Measures nodes and pods. @default none: metrics.k8s.io answers 503 */
  readonly usage?: UsageSource
  /** Further lines of /metrics, in the text form of Prometheus: the node's. */
  readonly moreMetrics?: () => Promise<string>
  /**
   * How long a request may take that is no watch and follows no log.
   * @default 60_000, as kube-apiserver's --request-timeout
   */
  readonly requestTimeoutMs?: number
  /** Told of what should not happen: the cause of an answer 500. */
  readonly onError?: (error: unknown) => void
}

/** What comes with a request besides itself. */
export interface RequestEnv {
  /** Who is asking by their connection; absent where only a bearer token may tell. */
  readonly user?: User
  /** Breaks off the client's connection, unless the answer is out. */
  readonly disconnect?: () => void
}

/** What a request to upgrade the connection comes to. */
export type Upgrade =
  | { readonly kind: 'passOn'; readonly url: URL }
  | { readonly kind: 'watch'; readonly events: ReadableStream<Uint8Array> }
  | { readonly kind: 'answer'; readonly response: Response }

export interface ApiServer {
  /** Answers a request; never throws. */
  fetch(request: Request, env?: RequestEnv): Promise<Response>
  /** Where the connection of an exec, attach or port-forward request goes to, or what a watch sends. */
  upgrade(request: Request, env?: RequestEnv): Promise<Upgrade>
  /** Ends all watches and closes the database. */
  close(): void
}

/**
 * A Kubernetes API server as a function from request to answer: no socket, no
 * TLS, no port.
 *
 * @throws DatabaseError when another process has the database or it is unreadable.
 */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { kubeVersion: version = defaultVersion, now = Date.now } = options
  const { tokenKey = newTokenKey() } = options
  const step = options.onStep ?? (() => undefined)
  const store = new Store({ path: options.database, now, onStep: step })
  const closing = new AbortController()
  const { signal } = closing
  const kinds = new KindTable(kindsOf(version))
  const metrics = new ApiMetrics(store, kinds)
  const parts: ServerParts = {
    store,
    kinds,
    metrics,
    inFlight: new InFlight((mutating, count) => metrics.inFlight(mutating, count)),
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    version,
    now,
    step,
    tokens: new AccountTokens(tokenKey, store, now),
    knownTokens: options.knownTokens ?? new KnownTokens(),
    mountTokens: options.mountTokens ?? false,
    usage: options.usage,
    streams: options.streams,
    closing: signal,
  }
  await makeInitialNamespaces(parts)
  await makeInitialObjects(parts)
  const background = [
    followNamespaces(parts),
    fillNamespaces(parts, options.authority),
    expireEvents(parts),
    followQuotas(parts),
    collectGarbage(parts),
  ]
  const app = routes(parts, tokenKey, options)
  return {
    fetch: async (request, env) => app.fetch(request, { ...env }),
    upgrade: async (request, env) => {
      try {
        const call = callOf(parts, request, identified(parts, request, env))
        if (verbOf(call) !== 'watch') return { kind: 'passOn', url: await streamUrl(call) }
        const response = await runCall(call)
        return response.body === null
          ? { kind: 'answer', response }
          : { kind: 'watch', events: response.body }
      } catch (error) {
        return { kind: 'answer', response: await failure(error, request) }
      }
    },
    close: () => {
      for (const stop of background) stop()
      closing.abort()
      store[Symbol.dispose]()
    },
  }
}

function routes(
  parts: ServerParts,
  tokenKey: TokenKey,
  { onError, moreMetrics, connectedNode }: ApiServerOptions,
) {
  // Clients made from OpenAPI end the paths of discovery in a slash.
  const app = new Hono<{ Bindings: RequestEnv }>({ strict: false })
  const documents = new Documents(parts.kinds, gitVersionOf(parts.version))
  app.onError((error, { req }) => {
    if (!(error instanceof StatusError)) onError?.(error)
    return failure(error, req.raw)
  })
  app.notFound(({ req }) => failure(unknownPath(), req.raw))

  const checks = healthChecks(parts)
  for (const path of ['/livez', '/readyz']) {
    app.get(path, ({ req }) => answerHealth(checks, new URL(req.url)))
  }
  app.get('/version', (context) => context.json(versionInfo(parts.version)))

  app.use('*', async (context, next) => {
    context.env = identified(parts, context.req.raw, context.env)
    await next()
  })
  app.get('/healthz', ({ req }) => answerHealth(checks, new URL(req.url)))
  for (const path of ['/livez', '/readyz', '/healthz']) {
    app.get(`${path}/:name`, ({ req }) => {
      return answerCheck(checks, req.param('name')) ?? failure(unknownPath(), req.raw)
    })
  }
  app.get('/openapi/v2', ({ req }) => documents.openApiV2(req.raw))
  app.get('/metrics', async (context) => {
    const [own, more = ''] = await Promise.all([parts.metrics.registry.metrics(), moreMetrics?.()])
    const headers = { 'content-type': parts.metrics.registry.contentType }
    return context.body(`${own}${more}`, 200, headers)
  })
  app.get('/openapi/v3', ({ req }) => documents.openApiIndex(req.raw))
  app.get('/openapi/v3/*', ({ req }) => {
    return documents.openApi(req.raw, req.path.slice('/openapi/v3/'.length))
  })
  app.get('/.well-known/openid-configuration', (context) => {
    return context.json(issuerConfiguration(new URL(context.req.url).host))
  })
  app.get('/openid/v1/jwks', (context) => {
    return context.json(issuerKeys(tokenKey), 200, { 'content-type': 'application/jwk-set+json' })
  })
  app.get('/', (context) => context.json(documents.paths()))
  app.get('/api', ({ req }) => documents.root(req.raw, true))
  app.get('/apis', ({ req }) => documents.root(req.raw, false))
  app.get('/api/:version', ({ req }) => documents.resources(req.raw, '', req.param('version')))
  app.get('/apis/:group', ({ req }) => documents.group(req.raw, req.param('group')))
  app.get('/apis/:group/:version', ({ req }) => {
    return documents.resources(req.raw, req.param('group'), req.param('version'))
  })
  app.get('/api/v1/nodes/:name/proxy/:path', ({ req }) => {
    return proxyToNode(parts, req.param('name'), req.param('path'), connectedNode)
  })
  for (const path of ['/api/*', '/apis/*']) {
    app.all(path, ({ req, env }) => runCall(callOf(parts, req.raw, env as KnownEnv)))
  }
  return app
}

function healthChecks({ store, closing }: ServerParts): readonly HealthCheck[] {
  return [
    { name: 'ping', holds: () => true },
    { name: 'store', holds: () => store.isOpen },
    { name: 'shutdown', holds: () => !closing.aborted },
  ]
}

/** A request's environment once it is known who asks. */
type KnownEnv = RequestEnv & { readonly user: User }

/** @throws StatusError 401 when nothing tells who asks, 400 as impersonated. */
function identified(parts: ServerParts, request: Request, env?: RequestEnv): KnownEnv {
  const user = whoAsks(parts, request, env)
  if (user === undefined) throw unauthorized()
  return { ...env, user: impersonated(user, request.headers) }
}

/** A certificate counts before a token. */
function whoAsks(parts: ServerParts, request: Request, env?: RequestEnv): User | undefined {
  if (env?.user !== undefined) return env.user
  const token = bearerToken(request.headers)
  if (token === undefined) return undefined
  const verdict = checkToken(parts, token)
  return verdict.kind === 'known' ? verdict.user : undefined
}

function callOf(server: ServerParts, request: Request, { user, disconnect }: KnownEnv): Call {
  const { pathname, searchParams } = new URL(request.url)
  const target = targetOf(server.kinds, pathname)
  return {
    request,
    query: searchParams,
    target,
    user,
    server,
    warnings: [],
    ...(disconnect === undefined ? {} : { disconnect }),
  }
}
