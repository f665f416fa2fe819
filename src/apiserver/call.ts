import type { KubeVersion } from '../domain/kube-version.ts'
import type { AccountTokens } from './auth/account-tokens.ts'
import type { KnownTokens } from './auth/known-tokens.ts'
import type { TellFailure } from './background-tasks.ts'
import type { Deadline } from './deadline.ts'
import type { KindTable } from './kind/kind-table.ts'
import type { Kind } from './kind/kind.ts'
import type { ApiMetrics } from './metrics/api-metrics.ts'
import type { NodeStreams } from './node-streams.ts'
import type { InFlight } from './routing/in-flight.ts'
import type { Store } from './store/store.ts'
import type { UsageSource } from './usage/usage-source.ts'

/** Who is asking, as authenticated. */
export interface User {
  readonly name: string
  /** Only of service accounts. */
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** What every handler works with: one per server. */
export interface ServerParts {
  readonly store: Store
  readonly kinds: KindTable
  /** The Kubernetes whose rules hold. */
  readonly version: KubeVersion
  readonly now: () => number
  readonly step: (step: string) => void
  readonly tokens: AccountTokens
  readonly knownTokens: KnownTokens
  /** Whether new pods get a volume with a token of their service account. */
  readonly mountTokens: boolean
  readonly usage: UsageSource | undefined
  readonly metrics: ApiMetrics
  readonly inFlight: InFlight
  /** How long a request may take that is no watch and follows no log. */
  readonly requestTimeoutMs: number
  readonly streams: NodeStreams | undefined
  /** Told of what the server could not do by itself. */
  readonly tellFailure: TellFailure
  /** Aborted when the server closes: open watches end. */
  readonly closing: AbortSignal
}

/** The object or list that a path names. */
export interface Target {
  readonly kind: Kind
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: string
  /** The path itself asks for a watch, of one object where it has a name: see target.ts. */
  readonly watched?: true
}

/** One request on its way through the handlers. */
export interface Call {
  readonly request: Request
  readonly query: URLSearchParams
  readonly target: Target
  readonly user: User
  readonly server: ServerParts
  /** Breaks the connection off, unless the answer is out. Absent where there is none. */
  readonly disconnect?: () => void
  readonly deadline: Deadline
  /** Texts for `Warning: 299` headers of the answer. */
  readonly warnings: string[]
}

/** The name in the path. Routes without one never reach the handlers that ask. */
export function nameOf(call: Call): string {
  return call.target.name ?? ''
}
