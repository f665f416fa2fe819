import type { Pod } from '../domain/pod.ts'
import { type NodeRoom, unfitReasons } from './fit.ts'
import { compareUnscheduled } from './order.ts'

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
}

/**
 * Binds pods that have no node to the first one they fit, by the scheduler's
 * arithmetic; tells on the pod why it fits nowhere, and looks again whenever
 * something changed. Highest priority first, then oldest.
 */
export class Scheduler {
  readonly #options: SchedulerOptions
  /** Pods that were bound and not yet seen with their node: they take room already. */
  readonly #assumed = new Map<string, string>()
  #waiting = false

  constructor(options: SchedulerOptions) {
    this.#options = options
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
    for (const { metadata, spec } of all) {
      if (spec.nodeName !== undefined) this.#assumed.delete(metadata.uid ?? '')
    }
    const placed = all.flatMap((pod) => {
      const nodeName = pod.spec.nodeName ?? this.#assumed.get(pod.metadata.uid ?? '')
      return nodeName === undefined ? [] : [{ ...pod, spec: { ...pod.spec, nodeName } }]
    })
    const unscheduled = all.filter(
      (pod) => isUnscheduled(pod) && !this.#assumed.has(pod.metadata.uid ?? ''),
    )
    for (const pod of unscheduled.sort(compareUnscheduled)) {
      const node = this.#place(pod, placed)
      if (node !== undefined) placed.push({ ...pod, spec: { ...pod.spec, nodeName: node } })
    }
  }

  /** The node that was found for `pod`, which is being bound to it. */
  #place(pod: Pod, placed: readonly Pod[]): string | undefined {
    const nodes = this.#options.nodes()
    const reasons = nodes.map((node) =>
      unfitReasons(
        pod,
        placed.filter(({ spec }) => spec.nodeName === node.name),
        node,
      ),
    )
    const node = nodes[reasons.findIndex((one) => one.length === 0)]
    const done =
      node === undefined ? this.#tellUnschedulable(pod, reasons) : this.#bind(pod, node.name)
    done.catch((error: unknown) => this.#options.onError(pod, error))
    return node?.name
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

  async #tellUnschedulable(pod: Pod, reasons: readonly (readonly string[])[]): Promise<void> {
    const message = unschedulableMessage(reasons)
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    if (before?.status === 'False' && before.message === message) return
    const { name, namespace = 'default', uid } = pod.metadata
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      lastProbeTime: null,
      lastTransitionTime:
        before?.status === 'False'
          ? before.lastTransitionTime
          : `${new Date().toISOString().slice(0, 19)}Z`,
    }
    await this.#options.api.patch(
      `/api/v1/namespaces/${namespace}/pods/${name}/status`,
      'strategic',
      {
        metadata: { uid },
        status: { conditions: [condition] },
      },
    )
    this.#options.event(pod, 'Warning', 'FailedScheduling', message)
  }
}

function isUnscheduled({ metadata, spec, status }: Pod): boolean {
  const over = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  return spec.nodeName === undefined && metadata.deletionTimestamp === undefined && !over
}

/** `0/2 nodes are available: 1 Insufficient cpu, 2 Insufficient memory.` */
export function unschedulableMessage(reasons: readonly (readonly string[])[]): string {
  if (reasons.length === 0) return 'no nodes available to schedule pods'
  const counts = new Map<string, number>()
  for (const reason of reasons.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const parts = [...counts].map(([reason, count]) => `${count} ${reason}`).sort()
  return `0/${reasons.length} nodes are available: ${parts.join(', ')}.`
}
