import type { DriftMode } from '../domain/cgroup/drift.ts'
import type { Pod } from '../domain/pod.ts'
import { isNews } from './api/pod-news.ts'
import type { ClassPromises } from './cgroups/class-promises.ts'
import type { NodeContext } from './node-context.ts'
import type { PodWorkers } from './pod-workers.ts'
import { hurryPod, shortenedGrace } from './termination/hurry-pod.ts'

export interface DesiredChangesOptions {
  readonly context: NodeContext
  readonly workers: Pick<PodWorkers, 'wake' | 'isRunning'>
  /** What the classes above the pods are given. */
  readonly promised: ClassPromises
  readonly onDrift: DriftMode
  readonly onError: (message: string, error: unknown) => void
}

/**
 * What the API tells of the pods of this node. Each change goes to what cannot wait for the pod's
 * next run (promises, stops that go on), and has that run done.
 */
export class DesiredChanges {
  readonly #options: DesiredChangesOptions

  constructor(options: DesiredChangesOptions) {
    this.#options = options
  }

  /** The API has this pod on this node, new or changed. */
  podChanged(given: Pod): void {
    const { context, workers, onDrift } = this.#options
    const { pods, conditions, statuses } = context
    const uid = given.metadata.uid ?? ''
    const before = pods.get(uid)
    const pod = pods.set(given)
    conditions.adopt(pod)
    if (before?.spec !== pod.spec) this.#specChanged(before, pod)
    this.#hurry(before, pod)
    const isWrong = (): boolean => onDrift === 'restore' && statuses.isOverwritten(pod)
    if (isNews(before, pod) || isWrong()) workers.wake(uid)
  }

  #specChanged(before: Pod | undefined, pod: Pod): void {
    const { context, promised } = this.#options
    if (before !== undefined) context.metrics.requested(before.spec, pod.spec)
    this.#allocating(() => context.allocator.podChanged(pod))
    this.#sharing(() => promised.follow(pod.metadata.uid ?? ''))
  }

  #hurry(before: Pod | undefined, pod: Pod): void {
    const graceSeconds = shortenedGrace(before, pod)
    if (graceSeconds === undefined) return
    // Of a pod that only begins to end, nothing is stopped yet but what restarts with another size.
    const isEnding = before?.metadata.deletionGracePeriodSeconds !== undefined
    const restarting = this.#options.context.checkpoint.restarting(pod.metadata.uid ?? '')
    this.#stopSooner(pod, graceSeconds, isEnding ? undefined : restarting)
  }

  #stopSooner({ metadata }: Pod, graceSeconds: number, among?: ReadonlySet<string>): void {
    const { context, onError } = this.#options
    void hurryPod(context, metadata.uid ?? '', graceSeconds, among).catch((error: unknown) =>
      onError(`Cannot stop pod ${metadata.name} sooner`, error),
    )
  }

  /** The API has this pod no more. */
  podRemoved(pod: Pod): void {
    const { context, workers } = this.#options
    const uid = pod.metadata.uid ?? ''
    context.pods.delete(uid)
    // The run for it may be in the middle of a stop.
    if (workers.isRunning(uid)) this.#stopSooner(pod, 0)
    workers.wake(uid)
  }

  /** The API has told of all pods there are: what else runs here is nobody's. */
  podsComplete(): void {
    const { context, workers, promised } = this.#options
    const { observed, checkpoint, pods, allocator } = context
    this.#allocating(() => allocator.open())
    const known = [...pods.all()].map(({ metadata }) => metadata.uid ?? '')
    this.#sharing(() => {
      for (const uid of known) promised.follow(uid)
      promised.open()
    })
    for (const uid of new Set([...known, ...observed.uids(), ...checkpoint.pods()])) {
      workers.wake(uid)
    }
  }

  /** What cannot be written down is not promised. */
  #allocating(task: () => void): void {
    this.#trying('Cannot write down what pods are promised', task)
  }

  #sharing(task: () => void): void {
    this.#trying('Cannot give the QoS classes what their pods were promised', task)
  }

  /** What fails is tried again with each pod's next run. */
  #trying(message: string, task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#options.onError(message, error)
    }
  }
}
