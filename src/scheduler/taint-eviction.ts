import type { Pod, PodSpec } from '../domain/pod.ts'
import { timerSpan } from '../domain/timer-span.ts'
import type { NodeRoom, Taint } from './node-room.ts'
import { isFor } from './tolerations.ts'

export interface TaintEvictionOptions {
  readonly nodes: () => readonly NodeRoom[]
  /** Every pod of the cluster as last seen. */
  readonly pods: () => Iterable<Pod>
  readonly evict: (pod: Pod) => Promise<void>
  readonly event: (pod: Pod, message: string) => void
  readonly onError: (pod: Pod, error: unknown) => void
  /** Ends it; who waits stays. */
  readonly signal: AbortSignal
}

interface Plan {
  readonly pod: Pod
  /** By Date.now(). */
  readonly due: number
  readonly timer: NodeJS.Timeout
}

/**
 * Deletes pods from nodes with a NoExecute taint that they do not tolerate, and those that
 * tolerate it for some time after that, unless the taint went away. A restart begins to
 * count anew.
 *
 * @see Kubernetes pkg/controller/tainteviction
 */
export class TaintEviction {
  readonly #options: TaintEvictionOptions
  readonly #plans = new Map<string, Plan>()
  readonly #evicted = new Set<string>()
  #waiting = false

  constructor(options: TaintEvictionOptions) {
    this.#options = options
    options.signal.addEventListener('abort', () => {
      for (const { timer } of this.#plans.values()) clearTimeout(timer)
      this.#plans.clear()
    })
  }

  /** A pod or a node changed. Changes of one turn of the event loop are looked at together. */
  changed(): void {
    if (this.#waiting) return
    this.#waiting = true
    setImmediate(() => {
      this.#waiting = false
      if (!this.#options.signal.aborted) this.#lookAtAll()
    })
  }

  #lookAtAll(): void {
    const taints = new Map(this.#options.nodes().map((node) => [node.name, noExecute(node)]))
    const there = new Set<string>()
    for (const pod of this.#options.pods()) {
      const { nodeName = '' } = pod.spec
      if (nodeName === '' || pod.metadata.deletionTimestamp !== undefined) continue
      there.add(pod.metadata.uid ?? '')
      this.#lookAt(pod, toleratedSeconds(pod.spec, taints.get(nodeName) ?? []))
    }
    for (const uid of this.#plans.keys()) if (!there.has(uid)) this.#drop(uid)
    for (const uid of this.#evicted) if (!there.has(uid)) this.#evicted.delete(uid)
  }

  #lookAt(pod: Pod, seconds: number): void {
    const { uid = '' } = pod.metadata
    if (seconds === 0) {
      this.#drop(uid)
      this.#evict(pod)
    } else if (seconds !== Infinity) {
      // What is counted already goes on, whatever the taints became meanwhile.
      if (!this.#plans.has(uid)) this.#plan(pod, Date.now() + seconds * 1000)
    } else if (this.#drop(uid)) {
      this.#options.event(pod, `Cancelling deletion of Pod ${nameOf(pod)}`)
    }
  }

  #plan(pod: Pod, due: number): void {
    const { uid = '' } = pod.metadata
    const timer = setTimeout(
      () => {
        this.#plans.delete(uid)
        if (Date.now() < due) this.#plan(pod, due)
        else this.#evict(pod)
      },
      // Who tolerates more than a timer can be long is looked at again then.
      timerSpan(due - Date.now()),
    )
    this.#plans.set(uid, { pod, due, timer })
  }

  /** Whether there was a plan for it. */
  #drop(uid: string): boolean {
    clearTimeout(this.#plans.get(uid)?.timer)
    return this.#plans.delete(uid)
  }

  #evict(pod: Pod): void {
    const { uid = '' } = pod.metadata
    if (this.#evicted.has(uid)) return
    this.#evicted.add(uid)
    this.#options.event(pod, `Marking for deletion Pod ${nameOf(pod)}`)
    this.#options.evict(pod).catch((error: unknown) => {
      this.#evicted.delete(uid)
      this.#options.onError(pod, error)
    })
  }
}

function noExecute({ taints }: NodeRoom): readonly Taint[] {
  return taints.filter(({ effect }) => effect === 'NoExecute')
}

/** How long the pod may stay beside these taints: 0 not at all, Infinity for good. */
function toleratedSeconds({ tolerations = [] }: PodSpec, taints: readonly Taint[]): number {
  const seconds = taints.map((taint) => {
    const found = tolerations.find((toleration) => isFor(toleration, taint))
    return found === undefined ? 0 : Math.max(0, found.tolerationSeconds ?? Infinity)
  })
  return Math.min(Infinity, ...seconds)
}

function nameOf({ metadata: { namespace = 'default', name } }: Pod): string {
  return `${namespace}/${name}`
}
