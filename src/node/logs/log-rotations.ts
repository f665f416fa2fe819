import type { LogRotationPolicy } from '../../domain/lifecycle/log-rotation.ts'
import type { ObservedContainer } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { RegularLook } from '../regular-look.ts'
import { rotateLog } from './rotate-log.ts'
import { containerLogFile } from '../containers/sandbox-config.ts'

/** As often as the kubelet looks (containerLogMonitorInterval). */
const everyMs = 10_000

/**
 * Rotates the logs of running containers that have become large, one after the other, so that
 * a container that prints for weeks does not fill the disk.
 */
export class LogRotations implements AsyncDisposable {
  readonly #context: NodeContext
  readonly #policy: LogRotationPolicy
  readonly #onError: (container: string, pod: Pod, error: unknown) => void
  readonly #looks: RegularLook

  constructor(
    context: NodeContext,
    policy: LogRotationPolicy,
    onError: (container: string, pod: Pod, error: unknown) => void,
  ) {
    this.#context = context
    this.#policy = policy
    this.#onError = onError
    this.#looks = new RegularLook(everyMs, (signal) => this.#look(signal))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#looks[Symbol.asyncDispose]()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { pods, observed } = this.#context
    if (this.#policy.maxSize < 0) return
    for (const pod of pods.all()) {
      const { containers } = observed.get(pod.metadata.uid ?? '')
      for (const container of containers) {
        if (signal.aborted) return
        if (container.state === 'running') await this.#rotate(pod, container)
      }
    }
  }

  async #rotate(pod: Pod, { id, name, attempt }: ObservedContainer): Promise<void> {
    const { runtime, observed, podLogs, now } = this.#context
    const log = containerLogFile(podLogs, pod, name, attempt)
    try {
      await rotateLog(log, this.#policy, () => runtime.reopenContainerLog(id), now())
    } catch (error) {
      const { containers } = observed.get(pod.metadata.uid ?? '')
      // One that has ended meanwhile writes no more.
      const runs = containers.some((one) => one.id === id && one.state === 'running')
      if (runs) this.#onError(name, pod, error)
    }
  }
}
