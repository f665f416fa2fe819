import type { Pod } from '../domain/pod.ts'
import { atLeast, defaultVersion, type KubeVersion } from '../domain/kube-version.ts'
import { isOver } from '../domain/pod/is-over.ts'
import { timestamp } from '../domain/timestamp.ts'
import { type Unfit, unfitFor } from './fit.ts'
import type { NodeRoom } from './node-room.ts'
import { compareUnscheduled } from './order.ts'
import { podAffinityUnfit } from './pod-affinity.ts'
import { unschedulableMessage } from './unschedulable-message.ts'

/** What the scheduler asks of a Kubernetes API. */
export interface SchedulerApi {
  create(path: string, object: object): Promise<unknown>
  patch(path: string, type: 'strategic', patch: object): Promise<unknown>
}

export interface SchedulerOptions {
  readonly api: SchedulerApi
  /** The nodes that take pods. */
  readonly nodes: () => readonly NodeRoom[]
  /** Every pod of the cluster as last seen. */
  readonly pods: () => Iterable<Pod>
  readonly event: (pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string) => void
  readonly onError: (pod: Pod, error: unknown) => void
  /** Whose words to use. @default the newest known */
  readonly version?: KubeVersion
}

/**
 * Binds pods that have no node to the first one they fit, by the scheduler's
 * arithmetic; tells on the pod why it fits nowhere, and looks again whenever
 * something changed. Highest priority first, then oldest; nobody is preempted.
 */
export class Scheduler {
  readonly #options: SchedulerOptions
  /** Pods that were bound and not yet seen with their node: they take room already. */
  readonly #assumed = new Map<string, string>()
  /** What was said of pods that fit nowhere: their condition may not be seen yet. */
  readonly #told = new Map<string, string>()
  #waiting = false

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  get #version(): KubeVersion {
    return this.#options.version ?? defaultVersion
  }

  /** A pod or a node changed. Changes of one turn of the event loop are looked at together. */
  changed(): void {
    if (this.#waiting) return
    this.#waiting = true
    setImmediate(() => {
      this.#waiting = false
      this.#scheduleAll()
    })
  }

  #scheduleAll(): void {
    const all = [...this.#options.pods()]
    this.#forget(all)
    // Who has ended has no ports and needs no room.
    const placed = all
      .filter((pod) => !isOver(pod.status))
      .flatMap((pod) => {
        const nodeName = pod.spec.nodeName ?? this.#assumed.get(pod.metadata.uid ?? '')
        return nodeName === undefined ? [] : [{ ...pod, spec: { ...pod.spec, nodeName } }]
      })
    const unscheduled = all.filter(
      (pod) => isUnscheduled(pod) && !this.#assumed.has(pod.metadata.uid ?? ''),
    )
    for (const pod of unscheduled.sort(compareUnscheduled)) {
      const node = this.#tryToPlace(pod, placed)
      if (node !== undefined) placed.push({ ...pod, spec: { ...pod.spec, nodeName: node } })
    }
  }

  /** Drops what is known of pods that are placed by now, or gone. */
  #forget(all: readonly Pod[]): void {
    const unplaced = new Set(
      all.filter(({ spec }) => spec.nodeName === undefined).map(({ metadata }) => metadata.uid),
    )
    for (const known of [this.#assumed, this.#told]) {
      for (const uid of known.keys()) if (!unplaced.has(uid)) known.delete(uid)
    }
  }

  /** A pod that cannot be understood keeps nobody else from a node. */
  #tryToPlace(pod: Pod, placed: readonly Pod[]): string | undefined {
    try {
      return this.#place(pod, placed)
    } catch (error) {
      this.#options.onError(pod, error)
      return undefined
    }
  }

  /** The node that was found for `pod`, which is being bound to it. */
  #place(pod: Pod, placed: readonly Pod[]): string | undefined {
    const nodes = this.#options.nodes()
    const unfits: Unfit[] = []
    for (const node of nodes) {
      const others = placed.filter(({ spec }) => spec.nodeName === node.name)
      const unfit =
        unfitFor(pod, others, node, this.#version) ?? podAffinityUnfit(pod, node, { nodes, placed })
      if (unfit === undefined) {
        this.#report(pod, this.#bind(pod, node.name))
        return node.name
      }
      unfits.push(unfit)
    }
    this.#report(pod, this.#tellUnschedulable(pod, unfits))
    return undefined
  }

  #report(pod: Pod, done: Promise<void>): void {
    done.catch((error: unknown) => this.#options.onError(pod, error))
  }

  async #bind(pod: Pod, node: string): Promise<void> {
    const { name, namespace = 'default', uid = '' } = pod.metadata
    this.#assumed.set(uid, node)
    try {
      await this.#options.api.create(`/api/v1/namespaces/${namespace}/pods/${name}/binding`, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { apiVersion: 'v1', kind: 'Node', name: node },
      })
    } catch (error) {
      this.#assumed.delete(uid)
      throw error
    }
    const message = `Successfully assigned ${namespace}/${name} to ${node}`
    this.#options.event(pod, 'Normal', 'Scheduled', message)
  }

  async #tellUnschedulable(pod: Pod, unfits: readonly Unfit[]): Promise<void> {
    const message = unschedulableMessage(pod, unfits, this.#version)
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    const { name, namespace = 'default', uid = '', generation } = pod.metadata
    if (before?.status === 'False' && before.message === message) return
    if (this.#told.get(uid) === message) return
    this.#told.set(uid, message)
    const observed = generation !== undefined && atLeast(this.#version, '1.34')
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      ...(observed ? { observedGeneration: generation } : {}),
      lastProbeTime: null,
      lastTransitionTime:
        before?.status === 'False' ? before.lastTransitionTime : timestamp(new Date()),
    }
    const patch = { metadata: { uid }, status: { conditions: [condition] } }
    try {
      await this.#options.api.patch(
        `/api/v1/namespaces/${namespace}/pods/${name}/status`,
        'strategic',
        patch,
      )
    } catch (error) {
      this.#told.delete(uid)
      throw error
    }
    this.#options.event(pod, 'Warning', 'FailedScheduling', message)
  }
}

/** Whether it is for this scheduler to place the pod now. */
function isUnscheduled(pod: Pod): boolean {
  const { metadata, spec } = pod
  const ours = (spec.schedulerName ?? schedulerName) === schedulerName
  const gated = (spec.schedulingGates ?? []).length > 0
  const unplaced = spec.nodeName === undefined && metadata.deletionTimestamp === undefined
  return unplaced && !isOver(pod.status) && ours && !gated
}

const schedulerName = 'default-scheduler'
