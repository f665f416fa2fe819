import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { usualPageSize } from '../domain/cgroup/memory.ts'
import type { MemoryQos } from '../domain/cgroup/memory-qos.ts'
import type { SwapBehavior } from '../domain/cgroup/swap.ts'
import type { Bytes } from '../domain/units.ts'
import type { CgroupDriver } from '../domain/cgroup/names.ts'
import type { Pod, ResourceList } from '../domain/pod.ts'
import type { ActuationMode } from '../domain/resize/actuation-mode.ts'
import type { KubeVersion } from '../domain/resize/kube-version.ts'
import type { Api, EventSink } from './api.ts'
import { Allocator } from './allocator.ts'
import { BurstableWeight } from './burstable-weight.ts'
import type { Cgroups } from './cgroups.ts'
import { Checkpoint, type OnStep } from './checkpoint.ts'
import { DesiredPods, isOver } from './desired-pods.ts'
import type { OomScores } from './follow-oom-score.ts'
import { ImagePuller } from './image-puller.ts'
import { instanceLabel } from './labels.ts'
import { lastWords } from './last-words.ts'
import { limitConcurrency } from './limit.ts'
import type { Machine } from './machine.ts'
import type { HostPorts, NodeContext } from './node-context.ts'
import { MemoryReservations } from './memory-reservations.ts'
import { MemoryShrinker } from './memory-shrinker.ts'
import { NodeMetrics } from './node-metrics.ts'
import { ObservedPods } from './observed-pods.ts'
import { PodCgroups } from './pod-cgroups.ts'
import { PodProbes } from './probes/pod-probes.ts'
import { PodWorkers } from './pod-workers.ts'
import { ResizeTurns } from './resize-turns.ts'
import { ResizeConditions } from './resize-conditions.ts'
import { type ObjectSource, ReferencedObjects } from './referenced-objects.ts'
import { RestartBackOffs } from './restart-back-offs.ts'
import type { ContainerEvent, ContainerRuntime } from './runtime.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import { StartRetries } from './start-retries.ts'
import { StatusWriter } from './status-writer.ts'
import { StorageWatch } from './storage-watch.ts'
import { PodStreams } from './streams.ts'
import { Slices, type Units } from './slices.ts'
import { hurryPod } from './stop-pod.ts'
import { syncPod } from './sync-pod.ts'
import { PodVolumes } from './volumes/pod-volumes.ts'

export interface NodeAgentOptions {
  readonly api: Api
  readonly events: EventSink
  readonly runtime: ContainerRuntime
  readonly cgroups: Cgroups
  readonly oomScores: OomScores
  readonly cgroupRoot: string
  readonly cgroupDriver: CgroupDriver
  /** systemd, where that is the driver. */
  readonly units?: Units
  readonly machine: Machine
  readonly allocatable: ResourceList
  readonly checkpointFile: string
  readonly podsDir: string
  /** Where seccomp profiles of type `Localhost` are. */
  readonly seccompDir: string
  readonly objects: ObjectSource
  readonly hostPorts: HostPorts
  /** Where pods find the API. @default nowhere */
  readonly apiForPods?: { readonly host: string; readonly port: number }
  readonly podLogs: string
  readonly instance: string
  readonly version: KubeVersion
  /** Protects and throttles memory by requests, on cgroup v2 (KEP-2570). @default false */
  readonly memoryQos?: boolean
  /** @default 'NoSwap' */
  readonly swapBehavior?: SwapBehavior
  /** @default 'runtime' */
  readonly actuation?: ActuationMode
  readonly onStep: OnStep
  readonly onError: (message: string, error: unknown) => void
}

/** As many as containerd serves without slowing down on a small machine. */
const startsAtOnce = 8
const resizesAtOnce = 8
const deferredRetryMs = 180_000

/**
 * The node agent: runs the pods that the API gives it. It is told of desired pods
 * (`podChanged`, `podRemoved`) and listens to the runtime; everything else follows.
 */
export class NodeAgent implements AsyncDisposable {
  readonly streams: PodStreams
  /** The kubelet's metrics of resizes. */
  readonly metrics: NodeMetrics
  readonly #context: NodeContext
  readonly #workers: PodWorkers
  readonly #weight: BurstableWeight
  readonly #reservations: MemoryReservations
  readonly #objects: ReferencedObjects
  readonly #storage: StorageWatch
  readonly #onError: NodeAgentOptions['onError']
  readonly #stopping = new AbortController()
  readonly #timer: NodeJS.Timeout
  #listening: Promise<void> = Promise.resolve()
  /** Whether the API has told of all pods, so that what it did not name is nobody's. */
  #complete = false

  constructor(options: NodeAgentOptions) {
    const { api, events, runtime, machine, onStep, onError } = options
    this.#onError = onError
    const checkpoint = Checkpoint.open(options.checkpointFile, onStep)
    const observed = new ObservedPods(
      runtime,
      { [instanceLabel]: options.instance },
      checkpoint.isStarting.bind(checkpoint),
      (uid, status) => lastWords(join(options.podsDir, uid), status),
    )
    const pods = new DesiredPods()
    const conditions = new ResizeConditions()
    this.metrics = new NodeMetrics(() => conditions.all())
    const now = (): Date => new Date()
    this.#workers = new PodWorkers({
      sync: async (uid) => this.#sync(uid),
      onError: (uid, error) => onError(`Cannot bring pod ${uid} to its desired state`, error),
    })
    const { version, allocatable } = options
    const swap = options.swapBehavior === 'LimitedSwap' && machine.swap > 0
    const node = {
      allocatable,
      capacity: allocatable,
      swap: swap && options.cgroups.version === 'v2',
      appArmor: machine.appArmor,
      ...(options.hostPorts.refusal && { noHostPorts: options.hostPorts.refusal }),
    }
    const wake = (uid: string): void => this.#workers.wake(uid)
    this.#objects = new ReferencedObjects(options.objects, wake)
    const allocator = new Allocator({
      checkpoint,
      pods,
      conditions,
      node,
      version,
      events,
      metrics: this.metrics,
      wake,
      now,
    })
    this.#context = {
      api,
      events,
      runtime,
      checkpoint,
      shrinker: new MemoryShrinker(checkpoint, onStep),
      oomScores: options.oomScores,
      pods,
      observed,
      conditions,
      allocator,
      version,
      actuation: options.actuation ?? 'runtime',
      metrics: this.metrics,
      now,
      cgroups: new PodCgroups({
        cgroups: options.cgroups,
        root: options.cgroupRoot,
        driver: options.cgroupDriver,
        ...(options.units && {
          slices: new Slices(options.units, (unit, error) =>
            onError(`systemd does not know the size of ${unit}`, error),
          ),
        }),
        machine,
        ...(options.memoryQos === true && { memoryQos: memoryQosOf(machine.memory) }),
        ...(options.swapBehavior && { swapBehavior: options.swapBehavior }),
      }),
      statuses: new StatusWriter({
        api,
        onStep,
        onError: (pod, error) =>
          onError(`Cannot write the status of pod ${pod.metadata.name}`, error),
      }),
      backOffs: new RestartBackOffs(),
      startRetries: new StartRetries(),
      startTurn: limitConcurrency(startsAtOnce),
      resizeTurns: new ResizeTurns(resizesAtOnce),
      onStep,
      machine,
      volumes: new PodVolumes(options.podsDir, machine.memory),
      objects: this.#objects,
      tokens: new ServiceAccountTokens(api, now, onError),
      images: new ImagePuller(runtime, events, now),
      probes: new PodProbes({ runtime, observed, events, wake, now }),
      hostPorts: options.hostPorts,
      ...(options.apiForPods && { apiForPods: options.apiForPods }),
      allocatable: options.allocatable,
      seccompDir: options.seccompDir,
      podLogs: options.podLogs,
      instance: options.instance,
    }
    this.#storage = new StorageWatch(this.#context, (pod, error) =>
      onError(`Cannot see what pod ${pod.metadata.name} has on disk`, error),
    )
    const { cgroups } = this.#context
    this.#weight = new BurstableWeight((total) => cgroups.weighBurstable(total))
    this.#reservations = new MemoryReservations((sums) => cgroups.protectClasses(sums))
    this.streams = new PodStreams({ observed, runtime, podLogs: options.podLogs })
    this.#timer = setInterval(() => allocator.retry('periodic_retry'), deferredRetryMs).unref()
  }

  /** Reads what the runtime has and begins to listen to it. Pods may be given before. */
  async start(): Promise<void> {
    await this.#context.cgroups.createRoot()
    await this.#restoreSoftLimits()
    await new Promise<void>((resolve) => {
      this.#listening = this.#listen(resolve)
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
  podChanged(pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    const { pods, conditions, allocator } = this.#context
    const before = pods.get(uid)
    pods.set(pod)
    conditions.adopt(pod)
    if (before !== undefined) this.metrics.requested(before.spec, pod.spec)
    this.#allocating(() => allocator.podChanged(pod))
    // Its status comes back from the API after each report: that is no news.
    const news = before === undefined || before.metadata.generation !== pod.metadata.generation
    const going = before?.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp
    this.#hurry(before, pod)
    this.#weigh(uid)
    // Before generations were counted the API server said that a resize was asked for.
    const proposed = pod.status?.resize === 'Proposed'
    if (news || going || proposed || relabelled(before, pod) || gatesMoved(before, pod))
      this.#workers.wake(uid)
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

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    this.#stopping.abort()
    this.#workers[Symbol.dispose]()
    this.#objects[Symbol.dispose]()
    this.#context.probes[Symbol.dispose]()
    await this.#storage[Symbol.asyncDispose]()
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
    const next = await syncPod(context, uid)
    if (context.pods.get(uid) === undefined) this.#forget(uid)
    this.#weigh(uid)
    // Room may have appeared: what a pod gave back counts when its status says so.
    context.allocator.retry(isOver(context.pods.status(uid)) ? 'pod_terminated' : 'pod_resized')
    return next
  }

  #forget(uid: string): void {
    const { checkpoint, conditions, statuses, backOffs, allocator } = this.#context
    checkpoint.forget(uid)
    conditions.forget(uid)
    statuses.forget(uid)
    backOffs.forget(uid)
    this.#context.startRetries.forget(uid)
    this.#objects.forget(uid)
    this.#context.tokens.forget(uid)
    this.#context.images.forget(uid)
    this.#context.probes.forget(uid)
    this.#weight.set(uid, undefined)
    this.#reservations.set(uid, undefined)
    this.#workers.forget(uid)
    allocator.podRemoved(uid)
  }

  /** The pod's share of the Burstable class follows its allocation. */
  #weigh(uid: string): void {
    const { pods, checkpoint } = this.#context
    const pod = pods.get(uid)
    const allocation = checkpoint.allocated(uid)
    const counts = pod !== undefined && allocation !== undefined && !isOver(pods.status(uid))
    const spec = counts ? pods.allocatedCopy(pod, allocation).spec : undefined
    this.#weight.set(uid, spec)
    this.#reservations.set(uid, spec)
  }

  /** Follows the runtime's events for ever; a broken stream is opened again and all is listed. */
  async #listen(onListed: () => void): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        for await (const event of this.#context.runtime.watchContainerEvents({ signal })) {
          if (event.kind === 'subscribed') {
            await this.#relist()
            onListed()
          } else void this.#containerEvent(event)
        }
      } catch (error) {
        if (signal.aborted) return
        this.#onError('The stream of container events broke', error)
        await sleep(500, undefined, { signal }).catch(() => {})
      }
    }
  }

  async #relist(): Promise<void> {
    const { observed, pods } = this.#context
    const changed = await observed.relist()
    // What failed while the runtime was away need not wait for its next try.
    const known = [...pods.all()].map(({ metadata }) => metadata.uid ?? '')
    for (const uid of new Set([...changed, ...known])) this.#workers.wake(uid)
  }

  /** Something happened to a container or a sandbox: look at it, then at its pod. */
  async #containerEvent(event: ContainerEvent): Promise<void> {
    const { observed } = this.#context
    const { containerId: id } = event
    const uid = observed.owner(id)
    // Not this node's, or not known yet: whoever creates it looks by himself.
    if (uid === undefined) return
    await observed.refreshAfter(event).catch((error: unknown) =>
      // The relist after a broken connection sees what this one missed.
      this.#onError(`Cannot look at container ${id}`, error),
    )
    this.#workers.wake(uid)
  }
}

/** What files of a downward API volume may show, and the generation does not count. */
function relabelled(before: Pod | undefined, { metadata }: Pod): boolean {
  const old = before?.metadata
  return (
    JSON.stringify([old?.labels, old?.annotations]) !==
    JSON.stringify([metadata.labels, metadata.annotations])
  )
}

/** Conditions that others set and that the pod waits for. */
function gatesMoved(before: Pod | undefined, pod: Pod): boolean {
  const gates = pod.spec.readinessGates ?? []
  const statuses = (of: Pod | undefined): string =>
    gates
      .map(({ conditionType }) =>
        of?.status?.conditions?.find(({ type }) => type === conditionType),
      )
      .map((condition) => condition?.status)
      .join()
  return gates.length > 0 && statuses(before) !== statuses(pod)
}

/** Kubernetes' default factor; all of the machine is for pods. */
function memoryQosOf(allocatable: Bytes): MemoryQos {
  return { allocatable, throttlingFactor: 0.9, pageSize: usualPageSize }
}
