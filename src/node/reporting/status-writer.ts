import { setTimeout as sleep } from 'node:timers/promises'
import { statusPatch } from '../../domain/lifecycle/status-patch.ts'
import type { Pod, PodStatus } from '../../domain/pod.ts'
import { type Api, isStatusCode, podPath } from '../api/api.ts'
import { asLongStep, type OnStep } from '../as-step.ts'

export interface StatusWriterOptions {
  readonly api: Api
  readonly onStep: OnStep
  readonly onError: (pod: Pod, error: unknown) => void
}

interface Pending {
  readonly pod: Pod
  readonly status: PodStatus
  /** Whether the API has another status than was written last. */
  readonly overwritten: boolean
}

/** What the API has by our own last write. */
interface Written {
  readonly status: PodStatus
  /** The same as the API tells it, and when; undefined if it did not say. */
  readonly told: Pick<Pod, 'metadata' | 'status'> | undefined
}

/**
 * Writes pod statuses to the API, one write at a time for each pod: while one is
 * under way only the newest of those that follow is kept. Whoever reports does
 * not wait, so the container runtime is never held up by the API.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions
  readonly #waiting = new Map<string, Pending>()
  readonly #writing = new Map<string, Promise<void>>()
  readonly #written = new Map<string, Written>()

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Tells the API what the pod's status is now. */
  report(pod: Pod, status: PodStatus): void {
    const uid = pod.metadata.uid ?? ''
    this.#waiting.set(uid, { pod, status, overwritten: this.isOverwritten(pod) })
    if (this.#writing.has(uid)) return
    const writing = this.#writeAll(uid).finally(() => this.#writing.delete(uid))
    this.#writing.set(uid, writing)
  }

  /** Whether somebody has changed a status since it was written here. */
  isOverwritten(pod: Pod): boolean {
    const uid = pod.metadata.uid ?? ''
    const told = this.#written.get(uid)?.told
    // What is being written now may be told of before its answer has come.
    if (told === undefined || this.#writing.has(uid) || !isLater(pod, told)) return false
    return JSON.stringify(pod.status) !== JSON.stringify(told.status)
  }

  /** Resolves when everything reported for the pod has been written or given up. */
  async settled(uid: string): Promise<void> {
    await this.#writing.get(uid)
  }

  forget(uid: string): void {
    this.#waiting.delete(uid)
    this.#written.delete(uid)
  }

  async #writeAll(uid: string): Promise<void> {
    for (let failures = 0; ;) {
      const next = this.#waiting.get(uid)
      if (next === undefined) return
      this.#waiting.delete(uid)
      try {
        await this.#write(uid, next)
        failures = 0
      } catch (error) {
        // The pod is gone, or another one has its name by now: nobody wants this status.
        if (isStatusCode(error, 404) || isStatusCode(error, 409)) return
        this.#options.onError(next.pod, error)
        if (!this.#waiting.has(uid)) this.#waiting.set(uid, next)
        failures += 1
        await sleep(Math.min(100 * 2 ** failures, 10_000))
      }
    }
  }

  async #write(uid: string, { pod, status, overwritten }: Pending): Promise<void> {
    const written = this.#written.get(uid)
    const before = written === undefined || overwritten ? pod.status : written.status
    const changes = statusPatch(before, status)
    const patch = { ...changes, ...answeredResize(pod, status) }
    if (Object.keys(patch).length === 0) return
    const { api, onStep } = this.#options
    const body = { metadata: { uid }, status: patch }
    const answer = await asLongStep(onStep, 'node.status', () =>
      api.patch(podPath(pod.metadata, 'status'), 'strategic', body),
    )
    this.#written.set(uid, { status, told: podIn(answer) })
  }
}

function podIn(answer: unknown): Written['told'] {
  const isPod = typeof answer === 'object' && answer !== null && 'metadata' in answer
  return isPod ? (answer as Pick<Pod, 'metadata' | 'status'>) : undefined
}

function isLater(one: Pick<Pod, 'metadata'>, than: Pick<Pod, 'metadata'>): boolean {
  const [a, b] = [one, than].map(({ metadata }) => Number(metadata.resourceVersion))
  return a !== undefined && b !== undefined && a > b
}

/** Up to Kubernetes 1.32 the API server writes this field, too, and waits for the node's word. */
function answeredResize(pod: Pod, { resize }: PodStatus): Pick<PodStatus, 'resize'> {
  return resize === undefined || resize === (pod.status?.resize ?? '') ? {} : { resize }
}
