import type { FileDifference } from '../../domain/cgroup/compare-unified.ts'
import { type CgroupKnobs, type CgroupReading, podKnobs } from '../../domain/cgroup/knobs.ts'
import {
  type MemoryPolicy,
  podReservation,
  type UnifiedFiles,
} from '../../domain/cgroup/memory-qos.ts'
import { criCgroupParent } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import { asLongStep, asStep } from '../as-step.ts'
import { waitUntil } from '../wait-until.ts'
import { podPlace, possiblePodPlaces } from './cgroup-places.ts'
import type { CgroupWriter } from './cgroup-writer.ts'
import type { NodeCgroupsOptions } from './node-cgroups-options.ts'

/** How long those who were killed may take to be gone. */
const killMs = 5000

/** The pods' own cgroups, which the node makes, changes and removes. */
export class PodCgroups {
  readonly #options: NodeCgroupsOptions
  readonly #writer: CgroupWriter
  readonly #memoryPolicy: () => MemoryPolicy | undefined

  constructor(
    options: NodeCgroupsOptions,
    writer: CgroupWriter,
    memoryPolicy: () => MemoryPolicy | undefined,
  ) {
    this.#options = options
    this.#writer = writer
    this.#memoryPolicy = memoryPolicy
  }

  /** Makes the pod's cgroup with the limits of its allocated spec. */
  async create(pod: Pod): Promise<void> {
    await asLongStep(this.#options.onStep, 'node.create-cgroup', () =>
      this.#writer.create(this.#place(pod), podKnobs(pod.spec)),
    )
    this.protect(pod)
  }

  /**
   * Removes the pod's cgroup, wherever its QoS class put it. A start that broke off leaves
   * processes there that the runtime knows nothing of: they are killed, as a kubelet does.
   */
  async remove(uid: string): Promise<void> {
    await asLongStep(this.#options.onStep, 'node.remove-cgroup', async () => {
      for (const path of possiblePodPlaces(this.#options, uid)) await this.#remove(path)
    })
  }

  async #remove(path: string): Promise<void> {
    const { cgroups, slices } = this.#options
    this.#writer.forget(path)
    await slices?.stop(path)
    const isEmpty = (): boolean => {
      if (cgroups.processes(path, { recursive: true }).length === 0) return true
      cgroups.kill(path)
      return false
    }
    await waitUntil(isEmpty, killMs)
    cgroups.remove(path, { recursive: true })
  }

  /** The pod's cgroup as the runtime wants to hear of it. */
  parentOf(pod: Pod): string {
    return criCgroupParent(this.#place(pod), this.#options.driver)
  }

  read(pod: Pod): CgroupReading {
    return this.#options.cgroups.read(this.#place(pod))
  }

  write(pod: Pod, knobs: CgroupKnobs): void {
    asStep(this.#options.onStep, 'node.pod-cgroup', () =>
      this.#writer.write(this.#place(pod), knobs),
    )
  }

  /** With MemoryQoS: what the pod's own cgroup protects, by its allocated spec. */
  protect(pod: Pod): void {
    const files = this.#reservation(pod)
    if (files === undefined) return
    asStep(this.#options.onStep, 'node.protect', () =>
      this.#writer.protect(this.#place(pod), files),
    )
  }

  /** What others have changed of what `protect` has written. */
  findFileDrift(pod: Pod): readonly FileDifference[] {
    const files = this.#reservation(pod)
    return files === undefined ? [] : this.#writer.fileDrift(this.#place(pod), files)
  }

  #reservation({ spec }: Pod): UnifiedFiles | undefined {
    const qos = this.#memoryPolicy()?.qos
    return qos && podReservation(qos, spec)
  }

  /** Has systemd know the allocated size of a pod whose files say it, after a crash in between too. */
  assure(pod: Pod): void {
    this.#writer.assure(this.#place(pod), podKnobs(pod.spec))
  }

  /** Whether the files say what was written last. */
  isSettled(pod: Pod): boolean {
    return this.#writer.isSettled(this.#place(pod))
  }

  /** Resolves when they do. */
  settled(pod: Pod): Promise<void> {
    return this.#writer.settled(this.#place(pod))
  }

  #place(pod: Pod): string {
    return podPlace(this.#options, pod)
  }
}
