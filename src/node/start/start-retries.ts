import { retryDelayMs } from '../../domain/retry-delay.ts'
import type { StartError } from './start-error.ts'

interface FailedStart {
  readonly error: StartError
  readonly failures: number
  readonly until: number
}

/**
 * Containers whose start failed because of their cgroup, and until when each waits for its
 * next try. The runtime tells of each try, which wakes the pod: without a wait of their own
 * they would be tried without end.
 */
export class StartRetries {
  readonly #byPod = new Map<string, Map<string, FailedStart>>()

  /** The start that has to wait still; undefined for one that may be tried. */
  waiting(uid: string, container: string, now: number): FailedStart | undefined {
    const failed = this.#byPod.get(uid)?.get(container)
    return failed !== undefined && failed.until > now ? failed : undefined
  }

  failed(uid: string, container: string, error: StartError, now: number): void {
    const pod = this.#byPod.get(uid) ?? new Map<string, FailedStart>()
    const failures = pod.get(container)?.failures ?? 0
    const until = now + retryDelayMs(error.outlook, failures)
    pod.set(container, { error, failures: failures + 1, until })
    this.#byPod.set(uid, pod)
  }

  /**
   * Milliseconds until the first of these containers may be tried; undefined if none waits.
   *
   * @param containers that would start now; the others are not waited for.
   */
  nextMs(uid: string, containers: readonly string[], now: number): number | undefined {
    const failed = this.#byPod.get(uid)
    const all = containers.flatMap((name) => {
      const until = failed?.get(name)?.until
      return until === undefined ? [] : [until - now]
    })
    return all.length === 0 ? undefined : Math.max(0, Math.min(...all))
  }

  /** It has started, or its size is another one. */
  reset(uid: string, container: string): void {
    this.#byPod.get(uid)?.delete(container)
  }

  forget(uid: string): void {
    this.#byPod.delete(uid)
  }
}
