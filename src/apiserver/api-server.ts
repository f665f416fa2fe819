import { defaultVersion, type KubeVersion } from '../domain/kube-version.ts'
import { failure } from './answer/failure.ts'
import { AccountTokens } from './auth/account-tokens.ts'
import { bearerToken } from './auth/bearer.ts'
import { checkToken } from './auth/check-token.ts'
import { impersonated } from './auth/impersonate.ts'
import { KnownTokens } from './auth/known-tokens.ts'
import { newTokenKey, type TokenKey } from './auth/token-key.ts'
import type { TellFailure } from './background-tasks.ts'
import type { ServerParts, User } from './call.ts'
import { expireEvents } from './event-expiry.ts'
import { fillTokenSecrets } from './fill-token-secrets.ts'
import { collectGarbage } from './garbage/collect-garbage.ts'
import { keepInitialService, makeInitialObjects } from './initial-objects.ts'
import { KindTable } from './kind/kind-table.ts'
import { kindsOf } from './kinds/all-kinds.ts'
import { ApiMetrics } from './metrics/api-metrics.ts'
import { fillNamespaces } from './namespace-contents.ts'
import { followNamespaces, makeInitialNamespaces } from './namespace-lifecycle.ts'
import type { NodeStreams } from './node-streams.ts'
import { streamUrl } from './pods/streams.ts'
import { followQuotas } from './quota/follow-quotas.ts'
import { InFlight } from './routing/in-flight.ts'
import { verbOf } from './routing/route.ts'
import {
  callOf,
  routesForStrangers,
  routesForUsers,
  type KnownEnv,
  type RequestEnv,
  type RouteOptions,
} from './routing/routes.ts'
import { runCall } from './routing/run-call.ts'
import { unauthorized } from './status-error.ts'
import { Store } from './store/store.ts'
import type { UsageSource } from './usage/usage-source.ts'

export interface ApiServerOptions extends RouteOptions {
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
  /** Measures nodes and pods. @default none: metrics.k8s.io answers 503 */
  readonly usage?: UsageSource
  /** Told of what the server could not do by itself. @default nobody is */
  readonly onFailure?: TellFailure
  /**
   * How long a request may take that is no watch and follows no log.
   * @default 60_000, as kube-apiserver's --request-timeout
   */
  readonly requestTimeoutMs?: number
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
  const inFlight = new InFlight()
  const parts: ServerParts = {
    store,
    kinds,
    metrics: new ApiMetrics(store, kinds, inFlight),
    inFlight,
    requestTimeoutMs: options.requestTimeoutMs ?? 60_000,
    version,
    now,
    step,
    tokens: new AccountTokens(tokenKey, store, now),
    knownTokens: options.knownTokens ?? new KnownTokens(),
    mountTokens: options.mountTokens ?? false,
    usage: options.usage,
    streams: options.streams,
    tellFailure: options.onFailure ?? (() => {}),
    closing: signal,
  }
  await makeInitialNamespaces(parts)
  await makeInitialObjects(parts)
  const background = [
    followNamespaces(parts),
    keepInitialService(parts),
    fillNamespaces(parts, options.authority),
    fillTokenSecrets(parts, options.authority),
    expireEvents(parts),
    followQuotas(parts),
    collectGarbage(parts),
  ]
  const forStrangers = routesForStrangers(parts, options)
  const forUsers = routesForUsers(parts, tokenKey, options)
  return {
    fetch: async (request, env) => {
      const user = whoAsks(parts, request, env)
      if (user === undefined) return forStrangers.fetch(request, env)
      try {
        return await forUsers.fetch(request, asImpersonated(user, request, env))
      } catch (error) {
        return failure(error, request)
      }
    },
    upgrade: async (request, env) => {
      try {
        const user = whoAsks(parts, request, env)
        if (user === undefined) throw unauthorized()
        const call = callOf(parts, request, asImpersonated(user, request, env))
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

/** @throws StatusError 400 as impersonated. */
function asImpersonated(user: User, request: Request, env?: RequestEnv): KnownEnv {
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
