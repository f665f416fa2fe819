import {
  latestContainer,
  type ObservedContainer,
  type ObservedPod,
} from '../../domain/lifecycle/observed.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import {
  hasProbes,
  probeOf,
  type ProbeResults,
  probesToRun,
} from '../../domain/probe/container-health.ts'
import type { ProbeKind } from '../../domain/pod/probe.ts'
import { firstState, type ProbeState } from '../../domain/probe/probe-state.ts'
import { isSidecar } from '../../domain/pod.ts'
import type { EventSink } from '../api/api.ts'
import { limitConcurrency } from './limit.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'
import { ProbeWorker } from './probe-worker.ts'

export interface PodProbesOptions {
  readonly runtime: Pick<ContainerRuntime, 'execSync'>
  readonly observed: { get(uid: string): ObservedPod }
  readonly events: EventSink
  /** A result changed. */
  readonly wake: (uid: string) => void
  readonly now: () => Date
  /** Each costs a process in its container. @default 8 */
  readonly execsAtOnce?: number
}

/** The probes of one run of a container. */
interface ProbedContainer {
  readonly uid: string
  readonly states: Map<ProbeKind, ProbeState>
  readonly workers: Map<ProbeKind, ProbeWorker>
}

/**
 * The probes of all containers on this node. What they say belongs to one run of
 * a container, by its id: a restart begins anew, a resize in place changes nothing.
 */
export class PodProbes implements Disposable {
  readonly #options: PodProbesOptions
  readonly #execTurn: <T>(task: () => Promise<T>) => Promise<T>
  readonly #containers = new Map<string, ProbedContainer>()

  constructor(options: PodProbesOptions) {
    this.#options = options
    this.#execTurn = limitConcurrency(options.execsAtOnce ?? 8)
  }

  /** What the probes say of a container so far, by its id. */
  results(containerId: string): ProbeResults {
    const states = this.#containers.get(containerId)?.states ?? []
    return Object.fromEntries([...states].map(([kind, { result }]) => [kind, result]))
  }

  /** Starts the probes that are due and ends those of containers that do not run any more. */
  follow(pod: Pod, address: string | undefined): void {
    const uid = pod.metadata.uid ?? ''
    const observed = this.#options.observed.get(uid)
    const running = new Set<string>()
    const inits = (pod.spec.initContainers ?? []).filter(isSidecar)
    for (const container of [...inits, ...pod.spec.containers]) {
      const latest = latestContainer(observed, container.name)
      if (latest?.state !== 'running' || !hasProbes(container)) continue
      running.add(latest.id)
      this.#probe(pod, container, latest, address)
    }
    for (const [id, probed] of this.#containers) {
      if (probed.uid === uid && !running.has(id)) this.#end(id, probed)
    }
  }

  /** The pod is being stopped: nothing is killed for its probes any more; whether it is ready still counts. */
  terminating(uid: string): void {
    for (const probed of this.#containers.values()) {
      if (probed.uid !== uid) continue
      probed.workers.get('startup')?.[Symbol.dispose]()
      probed.workers.get('liveness')?.[Symbol.dispose]()
    }
  }

  forget(uid: string): void {
    for (const [id, probed] of this.#containers) if (probed.uid === uid) this.#end(id, probed)
  }

  [Symbol.dispose](): void {
    for (const [id, probed] of this.#containers) this.#end(id, probed)
  }

  #probe(
    pod: Pod,
    container: Container,
    { id, startedAt = 0 }: ObservedContainer,
    address: string | undefined,
  ): void {
    const uid = pod.metadata.uid ?? ''
    const probed = this.#containers.get(id) ?? {
      uid,
      states: statesBefore(pod, container, id),
      workers: new Map<ProbeKind, ProbeWorker>(),
    }
    this.#containers.set(id, probed)
    const isRunning = (): boolean =>
      this.#options.observed.get(uid).containers.find((one) => one.id === id)?.state === 'running'
    for (const kind of probesToRun(container, this.results(id))) {
      const probe = probeOf(container, kind)
      if (probe === undefined || probed.workers.has(kind)) continue
      const { runtime, events, now, wake } = this.#options
      const worker = new ProbeWorker({
        pod,
        kind,
        probe,
        target: { runtime, container, containerId: id, address, isRunning },
        startedAt,
        state: probed.states.get(kind) ?? firstState(kind),
        execTurn: this.#execTurn,
        events,
        now,
        onChange: (state) => {
          const before = (probed.states.get(kind) ?? firstState(kind)).result
          probed.states.set(kind, state)
          if (state.result !== before) wake(uid)
        },
      })
      probed.workers.set(kind, worker)
    }
  }

  #end(id: string, { workers }: ProbedContainer): void {
    for (const worker of workers.values()) worker[Symbol.dispose]()
    this.#containers.delete(id)
  }
}

/** A container that ran before this podfit did begins with what its status says. */
function statesBefore(pod: Pod, container: Container, id: string): Map<ProbeKind, ProbeState> {
  const all = [
    ...(pod.status?.containerStatuses ?? []),
    ...(pod.status?.initContainerStatuses ?? []),
  ]
  const known = all.find((one) => one.name === container.name)
  const states = new Map<ProbeKind, ProbeState>()
  if (known?.containerID?.endsWith(id) !== true) return states
  if (known.started === true) states.set('startup', firstState('startup', 'success'))
  if (known.ready) states.set('readiness', firstState('readiness', 'success'))
  return states
}
