import type { Pod } from '../../domain/pod.ts'
import type { Probe, ProbeKind } from '../../domain/pod/probe.ts'
import {
  nextState,
  type ProbeOutcome,
  type ProbeState,
  timingOf,
} from '../../domain/probe/probe-state.ts'
import { timerSpan } from '../../domain/timer-span.ts'
import type { EventSink } from '../api/api.ts'
import { podOf } from '../api/pod-event.ts'
import { type ProbeTarget, runProbe } from './run-probe.ts'

export interface ProbeWorkerOptions {
  readonly pod: Pod
  readonly kind: ProbeKind
  readonly probe: Probe
  readonly target: ProbeTarget
  /** When the container started: milliseconds since 1970. */
  readonly startedAt: number
  readonly state: ProbeState
  /** Waits for one of the few commands that may run at once. */
  readonly execTurn: <T>(task: () => Promise<T>) => Promise<T>
  readonly events: EventSink
  readonly now: () => Date
  readonly onChange: (state: ProbeState) => void
}

const titles: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  readiness: 'Readiness',
  liveness: 'Liveness',
}

/**
 * One probe of one run of a container: tries at once after the initial delay and
 * then every period, never twice at a time, until it is disposed of or has said
 * what cannot change any more: started, or to be killed.
 */
export class ProbeWorker implements Disposable {
  readonly #options: ProbeWorkerOptions
  readonly #period: number
  #state: ProbeState
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(options: ProbeWorkerOptions) {
    this.#options = options
    this.#state = options.state
    const { initialDelayMs, periodMs } = timingOf(options.probe)
    this.#period = periodMs
    const ran = options.now().getTime() - options.startedAt
    this.#schedule(Math.max(0, initialDelayMs - ran))
  }

  [Symbol.dispose](): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  #schedule(afterMs: number): void {
    if (this.#over) return
    this.#timer = setTimeout(() => void this.#try(), timerSpan(afterMs)).unref()
  }

  async #try(): Promise<void> {
    const began = performance.now()
    const outcome = await this.#ask(began)
    if (this.#over || !this.#options.target.isRunning()) return
    this.#state = nextState(this.#state, outcome, this.#options.probe)
    this.#tell(outcome)
    if (this.#isSettled()) this.#over = true
    this.#options.onChange(this.#state)
    this.#schedule(Math.max(0, this.#period - (performance.now() - began)))
  }

  #ask(began: number): Promise<ProbeOutcome> {
    const { probe, target, execTurn } = this.#options
    if (probe.exec === undefined) return runProbe(probe, target)
    return execTurn(async () => {
      const waited = performance.now() - began
      if (waited > this.#period) this.#tellDelay(waited)
      return this.#over ? { kind: 'unknown', message: 'over' } : runProbe(probe, target)
    })
  }

  #isSettled(): boolean {
    const { kind } = this.#options
    const { result } = this.#state
    if (kind === 'startup') return result !== 'unknown'
    return kind === 'liveness' && result === 'failure'
  }

  #tell(outcome: ProbeOutcome): void {
    const title = titles[this.#options.kind]
    switch (outcome.kind) {
      case 'success':
        return
      case 'failure':
      case 'overrun':
        return this.#record('Unhealthy', `${title} probe failed: ${outcome.message}`)
      case 'unknown':
        return this.#record('ProbeWarning', `${title} probe errored: ${outcome.message}`)
      default:
        return outcome satisfies never
    }
  }

  #tellDelay(waitedMs: number): void {
    const title = titles[this.#options.kind]
    const seconds = (waitedMs / 1000).toFixed(1)
    this.#record(
      'ProbeOverrun',
      `${title} probe waited ${seconds}s for its turn, longer than its period: too many exec probes on this node are slow`,
    )
  }

  #record(reason: string, message: string): void {
    const { events, pod, target } = this.#options
    const container = target.container.name
    events.record({ pod: podOf(pod), container, type: 'Warning', reason, message })
  }
}
