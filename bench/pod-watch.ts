import type { Pod } from '../src/domain/pod.ts'
import { resizeState } from '../src/domain/resize/reporting/state.ts'
import type { KubeClient } from '../src/kube/client/kube-client.ts'
import { startInformer } from '../src/kube/watch/informer.ts'
import { pods } from '../src/kube/object/resource.ts'

/** Follows the bench's pods and tells when one of them comes to a state. */
export class PodWatch implements Disposable {
  readonly #stop = new AbortController()
  readonly #waiting = new Map<string, { is: (pod: Pod) => boolean; done: (at: number) => void }>()
  readonly #pods = new Map<string, Pod>()
  readonly synced: Promise<void>

  constructor(client: KubeClient) {
    const seen = (pod: Pod): void => {
      const { name } = pod.metadata
      this.#pods.set(name, pod)
      const waiting = this.#waiting.get(name)
      if (waiting?.is(pod) !== true) return
      this.#waiting.delete(name)
      waiting.done(performance.now())
    }
    const informer = startInformer<Pod>({
      client,
      resource: pods,
      selection: { namespace: 'default' },
      handlers: {
        onAdd: seen,
        onUpdate: seen,
        onDelete: (pod) => this.#pods.delete(pod.metadata.name),
      },
      signal: this.#stop.signal,
    })
    this.synced = informer.synced
  }

  get(name: string): Pod | undefined {
    return this.#pods.get(name)
  }

  get size(): number {
    return this.#pods.size
  }

  /** When the pod was first seen to be so, by performance.now(). */
  until(name: string, is: (pod: Pod) => boolean): Promise<number> {
    const pod = this.#pods.get(name)
    if (pod !== undefined && is(pod)) return Promise.resolve(performance.now())
    return new Promise((done) => this.#waiting.set(name, { is, done }))
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }
}

/** Whether the status says that the pod's container has this CPU limit and that the resize is done. */
export function hasCpuLimit(milli: number): (pod: Pod) => boolean {
  return (pod) =>
    pod.status?.containerStatuses?.[0]?.resources?.limits?.['cpu'] === `${milli}m` &&
    resizeState(pod).kind === 'settled'
}

export function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running'
}
