import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Target } from '../call.ts'
import type { KindTable } from '../kind/kind-table.ts'
import { resourceId } from '../kind/kind.ts'
import type { InFlight } from '../routing/in-flight.ts'
import type { Store } from '../store/store.ts'

const targetLabels = ['verb', 'group', 'version', 'resource', 'subresource', 'scope'] as const
type TargetLabels = Readonly<Record<(typeof targetLabels)[number], string>>

/** Seconds; the buckets of kube-apiserver that a server on one machine needs. */
const buckets = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60]

/** What `/metrics` tells of the API server, with kube-apiserver's names and labels. */
export class ApiMetrics {
  readonly registry = new Registry()
  readonly #requests: Counter
  readonly #durations: Histogram
  readonly #watchers: Gauge

  constructor(store: Store, kinds: KindTable, inFlight: InFlight) {
    const registers = [this.registry]
    this.#requests = new Counter({
      name: 'apiserver_request_total',
      help: 'Counter of apiserver requests broken out for each verb, group, version, resource, scope, component, and HTTP response code.',
      labelNames: [...targetLabels, 'component', 'code'],
      registers,
    })
    this.#durations = new Histogram({
      name: 'apiserver_request_duration_seconds',
      help: 'Response latency distribution in seconds for each verb, group, version, resource, subresource, scope and component.',
      labelNames: [...targetLabels, 'component'],
      buckets,
      registers,
    })
    this.#watchers = new Gauge({
      name: 'apiserver_registered_watchers',
      help: 'Number of currently registered watchers for a given resource.',
      labelNames: ['group', 'version', 'kind'],
      registers,
    })
    countRequests(inFlight, registers)
    countObjects(store, kinds, registers)
  }

  /** A request was answered; `seconds` is left out for those that last as long as the client likes. */
  answered(target: Target, verb: string, code: number, seconds?: number): void {
    const labels = { ...labelsOf(target, verb), component: 'apiserver' }
    this.#requests.inc({ ...labels, code: String(code) })
    if (seconds !== undefined) this.#durations.observe(labels, seconds)
  }

  /** A watch was opened; the returned function is to be called at its end. */
  watching({ kind: { group, version, kind } }: Target): () => void {
    const labels = { group, version, kind }
    this.#watchers.inc(labels)
    return () => this.#watchers.dec(labels)
  }
}

function labelsOf({ kind, namespace, name, subresource }: Target, verb: string): TargetLabels {
  const scope = namespace === undefined ? 'cluster' : 'namespace'
  return {
    verb,
    group: kind.group,
    version: kind.version,
    resource: kind.plural,
    subresource: subresource ?? '',
    scope: name === undefined || verb === 'POST' ? scope : 'resource',
  }
}

function countRequests(inFlight: InFlight, registers: Registry[]): void {
  const requests = new Gauge({
    name: 'apiserver_current_inflight_requests',
    help: 'Number of currently used inflight request limit of this apiserver per request kind.',
    labelNames: ['request_kind'],
    registers,
    collect() {
      requests.set({ request_kind: 'mutating' }, inFlight.mutating)
      requests.set({ request_kind: 'readOnly' }, inFlight.reading)
    },
  })
}

function countObjects(store: Store, kinds: KindTable, registers: Registry[]): void {
  const resources = new Set(
    kinds
      .all()
      .filter((kind) => kind.answerCreate === undefined && kind.computed === undefined)
      .map(resourceId),
  )
  const objects = new Gauge({
    name: 'apiserver_resource_objects',
    help: 'Number of stored objects at the time of last check split by kind.',
    labelNames: ['resource'],
    registers,
    collect() {
      for (const resource of resources) objects.set({ resource }, store.collection(resource).size)
    },
  })
  const version: Gauge = new Gauge({
    name: 'podfit_apiserver_resource_version',
    help: 'The resourceVersion of the last committed write.',
    registers,
    collect: () => version.set(store.version),
  })
}
