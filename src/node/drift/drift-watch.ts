import type { DriftMode } from '../../domain/cgroup/drift.ts'
import type { Pod } from '../../domain/pod.ts'
import { podToRun } from '../allocation/pod-to-run.ts'
import type { ClassPromises } from '../cgroups/class-promises.ts'
import type { NodeContext } from '../node-context.ts'
import { findPodDrift, type PodDrift, restoreDrift } from './pod-drift.ts'
import { podOf } from '../api/pod-event.ts'
import { tryAll } from '../try-all.ts'

export interface DriftWatchOptions {
  readonly context: NodeContext
  readonly mode: DriftMode
  /** Whether something is being done for the pod, so that its files may move. */
  readonly isBusy: (uid: string) => boolean
  /** Has the pod's next run call `restore`. */
  readonly wake: (uid: string) => void
  /** What the classes above the pods were given. */
  readonly promised: ClassPromises
  readonly onError: (message: string, error: unknown) => void
}

const tickMs = 1000
/** After so many ticks every pod was looked at. */
const ticks = 10

/**
 * Sees cgroup values that somebody else has changed: the kernel tells nobody of such
 * writes, so all pods are looked at every ten seconds, a tenth of them at a time. Each
 * finding is an event with expected and found; unless told not to, the value is put back.
 */
export class DriftWatch implements Disposable {
  readonly #options: DriftWatchOptions
  readonly #timer: NodeJS.Timeout
  readonly #drifted = new Set<string>()
  /** What was told last, by cgroup: what stays as it is is told once. */
  readonly #told = new Map<string, string>()
  #queue: string[] = []

  constructor(options: DriftWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#tick(), tickMs).unref()
  }

  /** In the run of the pod: puts back what a look has found, if it is there still. */
  async restore(uid: string): Promise<void> {
    const { context, onError } = this.#options
    const pod = this.#drifted.delete(uid) ? podToRun(context, uid) : undefined
    if (pod === undefined) return
    for (const drift of findPodDrift(context, pod)) {
      this.#tell(pod, drift, '; it is put back')
      await restoreDrift(context, pod, drift).catch((error: unknown) =>
        onError(`Cannot put the cgroup of pod ${pod.metadata.name} back`, error),
      )
    }
  }

  forget(uid: string): void {
    this.#drifted.delete(uid)
    for (const key of this.#told.keys()) if (key.startsWith(uid)) this.#told.delete(key)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const { context, isBusy, onError } = this.#options
    const looks: (() => void)[] = []
    if (this.#queue.length === 0) {
      this.#queue = [...context.pods.all()].map(({ metadata }) => metadata.uid ?? '')
      looks.push(() => this.#lookAtClasses())
    }
    const some = this.#queue.splice(0, Math.ceil([...context.pods.all()].length / ticks))
    for (const uid of some) if (!isBusy(uid)) looks.push(() => this.#look(uid))
    try {
      tryAll(looks, (look) => look())
    } catch (error) {
      onError('Cannot look for changed cgroups', error)
    }
  }

  #look(uid: string): void {
    const { context, mode, wake } = this.#options
    const pod = podToRun(context, uid)
    const found = pod === undefined ? [] : findPodDrift(context, pod)
    if (found.length === 0 || pod === undefined) return
    if (mode === 'report') {
      for (const drift of found) this.#tell(pod, drift, '; it stays so (--on-drift report)')
      return
    }
    this.#drifted.add(uid)
    wake(uid)
  }

  #tell(pod: Pod, { of, message }: PodDrift, ending: string): void {
    const { context, mode } = this.#options
    const key = `${pod.metadata.uid} ${of.kind === 'pod' ? '' : of.containerId}`
    if (mode === 'report' && this.#told.get(key) === message) return
    this.#told.set(key, message)
    const container = of.kind === 'pod' ? {} : { container: of.container }
    const text = { type: 'Warning', reason: 'CgroupDrift', message: message + ending } as const
    context.events.record({ pod: podOf(pod), ...container, ...text })
  }

  #lookAtClasses(): void {
    const { context, mode, promised } = this.#options
    const found = context.cgroups.classes.findDrift(promised.burstable, promised.memory)
    tryAll(found, ({ path, message, restore }) => {
      if (mode === 'report' && this.#told.get(path) === message) return
      this.#told.set(path, message)
      const ending = mode === 'report' ? '; it stays so (--on-drift report)' : '; it is put back'
      const text = { type: 'Warning', reason: 'CgroupDrift', message: message + ending } as const
      context.events.recordOfNode(text)
      if (mode === 'restore') restore()
    })
  }
}
