import { usualLogRotation } from '../domain/lifecycle/log-rotation.ts'
import { isOver } from '../domain/pod/is-over.ts'
import { ClassPromises } from './cgroups/class-promises.ts'
import { restoreSoftLimits } from './cgroups/restore-soft-limits.ts'
import { DriftWatch } from './drift/drift-watch.ts'
import { createNodeContext } from './create-node-context.ts'
import type { NodeAgentOptions } from './node-agent-options.ts'
import { DesiredChanges } from './desired-changes.ts'
import { forgetPod } from './forget-pod.ts'
import { followRuntime } from './runtime/follow-runtime.ts'
import {
  kubeletConfiguration,
  type KubeletConfiguration,
} from './registration/kubelet-configuration.ts'
import { LogRotations } from './logs/log-rotations.ts'
import type { NodeContext } from './node-context.ts'
import type { NodeMetrics } from './reporting/node-metrics.ts'
import { untilNextDue } from './next-due.ts'
import { podToRun, promisedPod } from './allocation/pod-to-run.ts'
import { PodWorkers } from './pod-workers.ts'
import { StorageWatch } from './eviction/storage-watch.ts'
import { PodStreams } from './streams.ts'
import { syncPod } from './sync-pod.ts'

/**
 * The node agent: runs the pods that the API gives it. It is told of `desired` pods and listens to
 * the runtime; everything else follows.
 */
export class NodeAgent implements AsyncDisposable {
  /** To be told what the API tells. */
  readonly desired: DesiredChanges
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
  readonly #stopping = new AbortController()
  #listening: Promise<void> = Promise.resolve()

  constructor(options: NodeAgentOptions) {
    const { onError, podLogs, policies } = options
    const { onDrift = 'restore', logRotation = usualLogRotation } = policies
    this.#onError = onError
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
    const { cgroups, observed, runtime, metrics } = this.#context
    this.metrics = metrics
    this.#promised = new ClassPromises({
      cgroups,
      specOf: (uid) => promisedPod(this.#context, uid)?.spec,
      onProtected: (sums) => metrics.memoryProtected(sums),
    })
    this.#drift = new DriftWatch({
      context: this.#context,
      mode: onDrift,
      isBusy: (uid) => this.#workers.isRunning(uid),
      wake,
      promised: this.#promised,
      onError,
    })
    this.desired = new DesiredChanges({
      context: this.#context,
      workers: this.#workers,
      promised: this.#promised,
      onDrift,
      onError,
    })
    this.streams = new PodStreams({ observed, runtime, podLogs })
  }

  /** Reads what the runtime has and begins to listen to it. Pods may be given before. */
  async start(): Promise<void> {
    const { checkpoint, cgroups } = this.#context
    await cgroups.classes.create()
    await restoreSoftLimits(checkpoint, cgroups.memory, this.#onError)
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

  async [Symbol.asyncDispose](): Promise<void> {
    this.#context.allocator[Symbol.dispose]()
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
    const context = this.#context
    // What the API has not named yet is not nobody's.
    if (!context.allocator.isOpen) return {}
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
    this.#promised.follow(uid)
    return next
  }

  #forget(uid: string): void {
    forgetPod(this.#context, uid)
    this.#promised.follow(uid)
    this.#drift.forget(uid)
    this.#workers.forget(uid)
    this.#context.allocator.podRemoved(uid)
  }
}
