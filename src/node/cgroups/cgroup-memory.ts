import { errorCode } from '../../domain/error-code.ts'
import type { Pod } from '../../domain/pod.ts'
import type { ShrinkSubject } from '../../domain/resize/actuation/resize-step.ts'
import type { Bytes } from '../../domain/units.ts'
import { asLongStep, asStep } from '../as-step.ts'
import { containerPlace, podPlace } from './cgroup-places.ts'
import type { CgroupWriter } from './cgroup-writer.ts'
import type { ShrinkableMemory } from './shrinkable-memory.ts'
import type { NodeCgroupsOptions } from './node-cgroups-options.ts'

/** The memory of pods and containers, as far as a limit that goes down moves it. */
export class CgroupMemory {
  readonly #options: NodeCgroupsOptions
  readonly #writer: CgroupWriter

  constructor(options: NodeCgroupsOptions, writer: CgroupWriter) {
    this.#options = options
    this.#writer = writer
  }

  /** That of the pod as a whole, or of one container. */
  of(pod: Pod, subject: ShrinkSubject): ShrinkableMemory {
    if (subject.kind === 'pod') {
      const path = podPlace(this.#options, pod)
      return this.#at(path, (memoryLimit) => this.#writer.tell(path, { memoryLimit }))
    }
    // Of a container's scope systemd hears from the runtime.
    return this.#at(containerPlace(this.#options, pod, subject.containerId), () => {})
  }

  /** @param tell told of each limit that was written. */
  #at(path: string, tell: (limit: Bytes | 'max') => void): ShrinkableMemory {
    const { cgroups, onStep } = this.#options
    return {
      version: cgroups.version,
      path,
      sample: () => cgroups.memorySample(path),
      limit: () => cgroups.read(path).memoryLimit,
      setLimit: (memoryLimit) =>
        asStep(onStep, 'node.limit', () => {
          cgroups.write(path, { memoryLimit })
          tell(memoryLimit)
        }),
      lowerLimit: (memoryLimit) =>
        asLongStep(onStep, 'node.limit', async () => {
          await cgroups.writeMemoryLimit(path, memoryLimit)
          tell(memoryLimit)
        }),
      reclaim: (amount) => asLongStep(onStep, 'node.reclaim', () => cgroups.reclaim(path, amount)),
      high: () => cgroups.memoryHigh(path) ?? 'max',
      setHigh: (high) => this.#setHigh(path, high),
    }
  }

  /** Puts back a soft limit that a crash has left behind; harmless if the cgroup is gone. */
  async restoreSoftLimit(path: string, high: Bytes | 'max'): Promise<void> {
    if (!this.#options.cgroups.exists(path)) return
    await this.#setHigh(path, high).catch((error: unknown) => {
      if (errorCode(error) !== 'notFound') throw error
    })
  }

  #setHigh(path: string, high: Bytes | 'max'): Promise<void> {
    const { cgroups, onStep } = this.#options
    return asLongStep(onStep, 'node.soft-limit', () => cgroups.setMemoryHigh(path, high))
  }
}
