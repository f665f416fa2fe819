import { failure } from '../answer/failure.ts'
import { issuerConfiguration, issuerKeys } from '../auth/issuer-documents.ts'
import type { TokenKey } from '../auth/token-key.ts'
import type { Call, ServerParts, User } from '../call.ts'
import { Deadline } from '../deadline.ts'
import { Documents } from '../discovery/documents.ts'
import { answerCheck, answerHealth, type HealthCheck } from '../health.ts'
import { proxyToNode, type ConnectedNode } from '../nodes/node-proxy.ts'
import { methodNotAllowed, StatusError, unauthorized, unknownPath } from '../status-error.ts'
import { gitVersionOf, versionInfo } from '../version.ts'
import { literalTarget } from './literal-target.ts'
import { runCall } from './run-call.ts'
import { targetOf } from './target.ts'
import { Hono, type Context } from 'hono'

export interface RouteOptions {
  /** A node that is connected, by its name. @default none: its proxy answers 503 */
  readonly connectedNode?: (name: string) => ConnectedNode | undefined
  /** Further lines of /metrics, in the text form of Prometheus: the node's. */
  readonly moreMetrics?: () => Promise<string>
  /** Told of what should not happen: the cause of an answer 500. */
  readonly onError?: (error: unknown) => void
}

/** What comes with a request besides itself. */
export interface RequestEnv {
  /** Who is asking by their connection; absent where only a bearer token may tell. */
  readonly user?: User
  /** What the request line asks for. @default as the request's URL */
  readonly target?: string
  /** Breaks off the client's connection, unless the answer is out. */
  readonly disconnect?: () => void
}

/** A request's environment once it is known who asks. */
export type KnownEnv = RequestEnv & { readonly user: User }

type App<Env extends RequestEnv> = Hono<{ Bindings: Env }>

/** What who is not known may ask: whether the server is well, and its version. */
export function routesForStrangers(parts: ServerParts, options: RouteOptions): App<RequestEnv> {
  return openRoutes(parts, options, unauthorized())
}

/** All that there is. A path of a resource has one handler: Hono then needs to compose none. */
export function routesForUsers(
  parts: ServerParts,
  tokenKey: TokenKey,
  options: RouteOptions,
): App<KnownEnv> {
  const { moreMetrics, connectedNode } = options
  const app = openRoutes<KnownEnv>(parts, options, unknownPath())
  const documents = new Documents(parts.kinds, gitVersionOf(parts.version))
  const checks = healthChecks(parts)
  app.all('/healthz', ({ req }) => answerHealth(checks, new URL(req.url)))
  for (const path of ['/livez', '/readyz', '/healthz']) {
    app.all(`${path}/:name`, ({ req }) => {
      return answerCheck(checks, req.param('name')) ?? failure(unknownPath(), req.raw)
    })
  }
  app.all('/openapi/v2', ({ req }) => documents.openApiV2(req.raw))
  app.all('/metrics', async (context) => {
    const [own, more = ''] = await Promise.all([parts.metrics.registry.metrics(), moreMetrics?.()])
    const headers = { 'content-type': parts.metrics.registry.contentType }
    return context.body(`${own}${more}`, 200, headers)
  })
  app.all('/openapi/v3', ({ req }) => documents.openApiIndex(req.raw))
  app.all('/openapi/v3/*', ({ req }) => {
    return documents.openApi(req.raw, req.path.slice('/openapi/v3/'.length))
  })
  const hour = { 'cache-control': 'public, max-age=3600' }
  onlyGet(app, '/.well-known/openid-configuration', (context) => {
    return context.json(issuerConfiguration(new URL(context.req.url).host), 200, hour)
  })
  onlyGet(app, '/openid/v1/jwks', (context) => {
    const type = { 'content-type': 'application/jwk-set+json' }
    return context.json(issuerKeys(tokenKey), 200, { ...hour, ...type })
  })
  app.all('/', (context) => context.json(documents.paths()))
  onlyGet(app, '/api', ({ req }) => documents.root(req.raw, true))
  onlyGet(app, '/apis', ({ req }) => documents.root(req.raw, false))
  onlyGet(app, '/api/:version', ({ req }) => {
    return documents.resources(req.raw, '', req.param('version') ?? '')
  })
  onlyGet(app, '/apis/:group', ({ req }) => documents.group(req.raw, req.param('group') ?? ''))
  onlyGet(app, '/apis/:group/:version', ({ req }) => {
    const { group = '', version = '' } = req.param()
    return documents.resources(req.raw, group, version)
  })
  // With `v1` beside `:version` Hono would take its slow router, for all paths.
  for (const path of [':path', ':folder/:path']) {
    app.get(`/api/:version/nodes/:name/proxy/${path}`, ({ req }) => {
      const { version, name } = req.param()
      if (version !== 'v1') throw unknownPath()
      const wanted = req.path.slice(req.path.indexOf('/proxy/') + '/proxy/'.length)
      return proxyToNode(parts, name, wanted, connectedNode)
    })
  }
  for (const path of ['/api/*', '/apis/*']) {
    app.all(path, ({ req, env }) => runCall(callOf(parts, req.raw, env)))
  }
  return app
}

/** `otherwise` is the answer to every other path. */
function openRoutes<Env extends RequestEnv>(
  parts: ServerParts,
  { onError }: RouteOptions,
  otherwise: StatusError,
): App<Env> {
  const app: App<Env> = new Hono({ getPath })
  app.onError((error, { req }) => {
    if (!(error instanceof StatusError)) onError?.(error)
    return failure(error, req.raw)
  })
  app.notFound(({ req }) => failure(otherwise, req.raw))
  const checks = healthChecks(parts)
  for (const path of ['/livez', '/readyz']) {
    app.all(path, ({ req }) => answerHealth(checks, new URL(req.url)))
  }
  onlyGet(app, '/version', (context) => context.json(versionInfo(parts.version)))
  return app
}

/**
 * What kube-apiserver serves as it serves resources, where other methods than GET are refused:
 * that is HEAD, too. Its other paths do not look at the method.
 */
function onlyGet<Env extends RequestEnv>(
  app: App<Env>,
  path: string,
  answer: (context: Context<{ Bindings: Env }>) => Response | Promise<Response>,
): void {
  app.all(path, async (context) => {
    // What is not there is not found, whatever the method.
    const answered = await answer(context)
    if (context.req.method !== 'GET') throw methodNotAllowed()
    return answered
  })
}

/** Clients made from OpenAPI end the paths of discovery in a slash. */
function getPath(request: Request, options?: { readonly env?: RequestEnv | undefined }): string {
  const { path } = literalTarget(request, options?.env?.target)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function healthChecks({ store, closing }: ServerParts): readonly HealthCheck[] {
  return [
    { name: 'ping', holds: () => true },
    { name: 'store', holds: () => store.isOpen },
    { name: 'shutdown', holds: () => !closing.aborted },
  ]
}

/** @throws StatusError 404 when the path names no kind. */
export function callOf(
  server: ServerParts,
  request: Request,
  { user, target, disconnect }: KnownEnv,
): Call {
  const { path, query } = literalTarget(request, target)
  return {
    request,
    query: new URLSearchParams(query),
    target: targetOf(server.kinds, path),
    user,
    server,
    deadline: new Deadline(),
    warnings: [],
    ...(disconnect === undefined ? {} : { disconnect }),
  }
}
