import { join } from 'node:path'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import {
  diskVolumes,
  limitsStorage,
  storageExcess,
  type StorageUse,
} from '../../domain/lifecycle/storage-limits.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import { bytesBelow } from './disk-usage.ts'
import type { NodeContext } from '../node-context.ts'
import { RegularLook } from '../regular-look.ts'
import { podLogDirectory } from '../containers/sandbox-config.ts'

/** As often as the kubelet looks. */
const everyMs = 10_000

/** @see kubelet's immediateEvictionGracePeriodSeconds */
const evicted = { reason: 'Evicted', graceSeconds: 1 }

/**
 * Evicts pods that have passed a limit of the node's disk: an emptyDir's, a container's,
 * or that of all its containers. Looks only at pods that have one.
 */
export class StorageWatch implements AsyncDisposable {
  readonly #context: NodeContext
  readonly #onError: (pod: Pod, error: unknown) => void
  readonly #looks: RegularLook

  constructor(context: NodeContext, onError: (pod: Pod, error: unknown) => void) {
    this.#context = context
    this.#onError = onError
    this.#looks = new RegularLook(everyMs, (signal) => this.#look(signal))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#looks[Symbol.asyncDispose]()
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { pods, allocator } = this.#context
    for (const pod of pods.all()) {
      try {
        if (!this.#counts(pod)) continue
        const message = storageExcess(pod.spec, await this.#use(pod, signal))
        if (message !== undefined)
          allocator.evict(pod, { ...evicted, message, disruption: message })
      } catch (error) {
        if (signal.aborted) return
        this.#onError(pod, error)
      }
    }
  }

  #counts({ metadata, spec }: Pod): boolean {
    const { pods, allocator } = this.#context
    const uid = metadata.uid ?? ''
    if (metadata.deletionTimestamp !== undefined || isOver(pods.status(uid))) return false
    return allocator.rejection(uid) === undefined && limitsStorage(spec)
  }

  async #use(pod: Pod, signal: AbortSignal): Promise<StorageUse> {
    const { volumes, observed, runtime, podLogs } = this.#context
    const uid = pod.metadata.uid ?? ''
    const logs = podLogDirectory(podLogs, pod)
    const used = { volumes: new Map<string, number>(), containers: new Map<string, number>() }
    for (const { name } of diskVolumes(pod.spec)) {
      used.volumes.set(name, await bytesBelow(join(volumes.podDir(uid), 'volumes', name), signal))
    }
    for (const { name } of allContainers(pod.spec)) {
      const latest = latestContainer(observed.get(uid), name)
      if (latest?.state !== 'running') continue
      const { writableLayer } = await runtime.containerStats(latest.id)
      const written = writableLayer?.usedBytes ?? 0
      used.containers.set(name, written + (await bytesBelow(join(logs, name), signal)))
    }
    return used
  }
}
