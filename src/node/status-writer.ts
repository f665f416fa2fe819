import { setTimeout as sleep } from 'node:timers/promises'
import { statusPatch } from '../domain/lifecycle/status-patch.ts'
import type { Pod, PodStatus } from '../domain/pod.ts'
import { type Api, isStatusCode, podPath } from './api.ts'
import type { OnStep } from './checkpoint.ts'

export interface StatusWriterOptions {
  readonly api: Api
  readonly onStep: OnStep
  readonly onError: (pod: Pod, error: unknown) => void
}

interface Pending {
  pod: Pod
  status: PodStatus
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
  /** What the API has by our own last write. */
  readonly #written = new Map<string, PodStatus>()

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  /** Tells the API what the pod's status is now. */
  report(pod: Pod, status: PodStatus): void {
    const uid = pod.metadata.uid ?? ''
    this.#waiting.set(uid, { pod, status })
    if (this.#writing.has(uid)) return
    const writing = this.#writeAll(uid).finally(() => this.#writing.delete(uid))
    this.#writing.set(uid, writing)
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

  async #write(uid: string, { pod, status }: Pending): Promise<void> {
    const changes = statusPatch(this.#written.get(uid) ?? pod.status, status)
    const patch = { ...changes, ...answeredResize(pod, status) }
    if (Object.keys(patch).length === 0) return
    this.#options.onStep('node.status.before')
    await this.#options.api.patch(podPath(pod.metadata, 'status'), 'strategic', {
      metadata: { uid },
      status: patch,
    })
    this.#written.set(uid, status)
    this.#options.onStep('node.status.after')
  }
}

/** Up to Kubernetes 1.32 the API server writes this field, too, and waits for the node's word. */
function answeredResize(pod: Pod, { resize }: PodStatus): Pick<PodStatus, 'resize'> {
  return resize === undefined || resize === (pod.status?.resize ?? '') ? {} : { resize }
}
