import type { DriftMode } from '../domain/cgroup/drift.ts'
import { usualLogRotation } from '../domain/lifecycle/log-rotation.ts'
import type { Pod } from '../domain/pod.ts'
import { ClassPromises } from './cgroups/class-promises.ts'
import { DriftWatch } from './drift/drift-watch.ts'
import { isOver } from './api/desired-pods.ts'
import { createNodeContext, type NodeAgentOptions } from './create-node-context.ts'
import { followRuntime } from './runtime/follow-runtime.ts'
import {
  kubeletConfiguration,
  type KubeletConfiguration,
} from './registration/kubelet-configuration.ts'
import { LogRotations } from './logs/log-rotations.ts'
import { isNews } from './api/pod-news.ts'
import type { NodeContext } from './node-context.ts'
import type { NodeMetrics } from './reporting/node-metrics.ts'
import { untilNextDue } from './next-due.ts'
import { podToRun } from './allocation/pod-to-run.ts'
import { PodWorkers } from './pod-workers.ts'
import { StorageWatch } from './eviction/storage-watch.ts'
import { PodStreams } from './streams.ts'
import { hurryPod } from './termination/stop-pod.ts'
import { syncPod } from './sync-pod.ts'

const deferredRetryMs = 180_000

/**
 * The node agent: runs the pods that the API gives it. It is told of desired pods
 * (`podChanged`, `podRemoved`) and listens to the runtime; everything else follows.
 */
export class NodeAgent implements AsyncDisposable {
  readonly streams: PodStreams
  /** The kubelet's metrics of resizes, and its cgroup version. */
  readonly metrics: NodeMetrics
  /** What it is configured with, as a kubelet's /configz tells it. */
  readonly configuration: KubeletConfiguration
  readonly #context: NodeContext
  readonly #workers: PodWorkers
  readonly #promised: ClassPromises
  readonly #drift: DriftWatch
  readonly #storage: StorageWatch
  readonly #logs: LogRotations
  readonly #onError: NodeAgentOptions['onError']
  readonly #onDrift: DriftMode
  readonly #stopping = new AbortController()
  readonly #timer: NodeJS.Timeout
  #listening: Promise<void> = Promise.resolve()
  /** Whether the API has told of all pods, so that what it did not name is nobody's. */
  #complete = false

  constructor(options: NodeAgentOptions) {
    const { onError, podLogs, policies } = options
    const { onDrift = 'restore', logRotation = usualLogRotation } = policies
    this.#onError = onError
    this.#onDrift = onDrift
    this.configuration = kubeletConfiguration({ ...policies, ...options })
    const wake = (uid: string): void => this.#workers.wake(uid)
    this.#workers = new PodWorkers({
      sync: async (uid) => this.#sync(uid),
      dueMs: (uid) => {
        const pod = podToRun(this.#context, uid)
        return pod && untilNextDue(this.#context, pod)
      },
      onError: (uid, error) => onError(`Cannot bring pod ${uid} to its desired state`, error),
    })
    this.#context = createNodeContext(options, wake)
    this.#storage = new StorageWatch(this.#context, (pod, error) =>
      onError(`Cannot see what pod ${pod.metadata.name} has on disk`, error),
    )
    this.#logs = new LogRotations(this.#context, logRotation, (container, pod, error) =>
      onError(`Cannot rotate the log of container ${container} of pod ${pod.metadata.name}`, error),
    )
    const { cgroups, observed, runtime, allocator, metrics } = this.#context
    this.metrics = metrics
    this.#promised = new ClassPromises(cgroups, (sums) => metrics.memoryProtected(sums))
    this.#drift = new DriftWatch({
      context: this.#context,
      mode: this.#onDrift,
      isBusy: (uid) => this.#workers.isRunning(uid),
      wake,
      promised: this.#promised,
      onError,
    })
    this.streams = new PodStreams({ observed, runtime, podLogs })
    const retry = (): void => this.#allocating(() => allocator.retry('periodic_retry'))
    this.#timer = setInterval(retry, deferredRetryMs).unref()
  }

  /** Reads what the runtime has and begins to listen to it. Pods may be given before. */
  async start(): Promise<void> {
    await this.#context.cgroups.classes.create()
    await this.#restoreSoftLimits()
    await new Promise<void>((resolve) => {
      this.#listening = followRuntime({
        context: this.#context,
        wake: (uid) => this.#workers.wake(uid),
        onListed: resolve,
        onError: this.#onError,
        signal: this.#stopping.signal,
      })
    })
  }

  /** A crash in the middle of a memory decrease may have left processes slowed down. */
  async #restoreSoftLimits(): Promise<void> {
    const { checkpoint, cgroups } = this.#context
    for (const [path, high] of checkpoint.heldSoftLimits()) {
      await cgroups.restoreSoftLimit(path, high)
      checkpoint.releaseSoftLimit(path)
    }
  }

  /** The API has this pod on this node, new or changed. */
  podChanged(given: Pod): void {
    const uid = given.metadata.uid ?? ''
    const { pods, conditions, statuses } = this.#context
    const before = pods.get(uid)
    const pod = pods.set(given)
    conditions.adopt(pod)
    if (before?.spec !== pod.spec) this.#specChanged(before, pod)
    this.#hurry(before, pod)
    const isWrong = (): boolean => this.#onDrift === 'restore' && statuses.isOverwritten(pod)
    if (isNews(before, pod) || isWrong()) this.#workers.wake(uid)
  }

  #specChanged(before: Pod | undefined, pod: Pod): void {
    if (before !== undefined) this.metrics.requested(before.spec, pod.spec)
    this.#allocating(() => this.#context.allocator.podChanged(pod))
    this.#weighing(() => this.#weigh(pod.metadata.uid ?? ''))
  }

  /** Somebody who deletes a pod, or does so once more, may give less time than a stop that goes on. */
  #hurry(before: Pod | undefined, pod: Pod): void {
    const { deletionGracePeriodSeconds: grace, uid = '' } = pod.metadata
    const deleting = before?.metadata.deletionGracePeriodSeconds
    const granted = deleting ?? pod.spec.terminationGracePeriodSeconds ?? 30
    if (grace === undefined || grace >= granted) return
    const restarting = this.#context.checkpoint.restarting(uid)
    this.#stopSooner(pod, grace, deleting === undefined ? restarting : undefined)
  }

  #stopSooner({ metadata }: Pod, grace: number, among?: ReadonlySet<string>): void {
    void hurryPod(this.#context, metadata.uid ?? '', grace, among).catch((error: unknown) =>
      this.#onError(`Cannot stop pod ${metadata.name} sooner`, error),
    )
  }

  /** The API has this pod no more. */
  podRemoved(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    this.#context.pods.delete(uid)
    // The run for it may be in the middle of a stop.
    if (this.#workers.isRunning(uid)) this.#stopSooner(pod, 0)
    this.#workers.wake(uid)
  }

  /** The API has told of all pods there are: what else runs here is nobody's. */
  podsComplete(): void {
    const { observed, checkpoint, pods, allocator } = this.#context
    this.#complete = true
    this.#allocating(() => allocator.open())
    const known = [...pods.all()].map(({ metadata }) => metadata.uid ?? '')
    this.#weighing(() => {
      for (const uid of known) this.#weigh(uid)
      this.#promised.open()
    })
    for (const uid of new Set([...known, ...observed.uids(), ...checkpoint.pods()])) {
      this.#workers.wake(uid)
    }
  }

  /** What cannot be written down is not promised; each pod's next run tries again. */
  #allocating(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#onError('Cannot write down what pods are promised', error)
    }
  }

  /** What fails is tried again with the pod's next run. */
  #weighing(task: () => void): void {
    try {
      task()
    } catch (error) {
      this.#onError('Cannot give the QoS classes what their pods were promised', error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    this.#drift[Symbol.dispose]()
    this.#workers[Symbol.dispose]()
    this.#context.objects[Symbol.dispose]()
    this.#context.probes[Symbol.dispose]()
    await this.#storage[Symbol.asyncDispose]()
    await this.#logs[Symbol.asyncDispose]()
    await this.#listening
    this.#context.checkpoint[Symbol.dispose]()
  }

  async #sync(uid: string): Promise<{ afterMs?: number }> {
    if (!this.#complete) return {}
    const context = this.#context
    const pod = context.pods.get(uid)
    if (pod !== undefined && context.checkpoint.allocated(uid) === undefined) {
      context.allocator.podChanged(pod)
    }
    // Before the run, which would put the pod's own cgroup right without a word.
    await this.#drift.restore(uid)
    const next = await syncPod(context, uid)
    if (context.pods.get(uid) === undefined) this.#forget(uid)
    const over = isOver(context.pods.status(uid))
    if (over) context.allocator.podEnded(uid)
    // Room may have appeared: what a pod gave back counts when its status says so.
    context.allocator.retry(over ? 'pod_terminated' : 'pod_resized')
    this.#weigh(uid)
    return next
  }

  #forget(uid: string): void {
    const { checkpoint, conditions, statuses, backOffs, allocator } = this.#context
    checkpoint.forget(uid)
    conditions.forget(uid)
    statuses.forget(uid)
    backOffs.forget(uid)
    this.#context.startRetries.forget(uid)
    this.#context.oomScoreRecord.forget(uid)
    this.#context.objects.forget(uid)
    this.#context.tokens.forget(uid)
    this.#context.images.forget(uid)
    this.#context.probes.forget(uid)
    this.#promised.set(uid, undefined)
    this.#drift.forget(uid)
    this.#workers.forget(uid)
    allocator.podRemoved(uid)
  }

  /** What the pod adds to its class follows its allocation. */
  #weigh(uid: string): void {
    const { pods, checkpoint } = this.#context
    const pod = pods.get(uid)
    const allocation = checkpoint.allocated(uid)
    const counts = pod !== undefined && allocation !== undefined && !isOver(pods.status(uid))
    this.#promised.set(uid, counts ? pods.allocatedCopy(pod, allocation).spec : undefined)
  }
}
