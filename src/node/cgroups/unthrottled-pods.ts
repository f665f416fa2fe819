import type { CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import { asStep, type OnStep } from '../as-step.ts'
import type { Cgroups } from './cgroups.ts'
import type { CgroupWriter } from './cgroup-writer.ts'

interface Unthrottled {
  /** What it goes back to. */
  readonly quota: CgroupKnobs
  /** For how many kills it is without. */
  kills: number
}

/**
 * Pods that have no CPU quota while containers of theirs are killed, by the path of their cgroup:
 * the first kill takes it away, and when the last container is gone it is given back.
 */
export class UnthrottledPods {
  readonly #cgroups: Pick<Cgroups, 'read'>
  readonly #writer: Pick<CgroupWriter, 'write'>
  readonly #onStep: OnStep
  readonly #pods = new Map<string, Unthrottled>()

  constructor(cgroups: Pick<Cgroups, 'read'>, writer: Pick<CgroupWriter, 'write'>, onStep: OnStep) {
    this.#cgroups = cgroups
    this.#writer = writer
    this.#onStep = onStep
  }

  /** @returns what is to be called once, when this kill's container is gone. */
  unthrottle(path: string): () => void {
    const pod = this.#pods.get(path) ?? this.#take(path)
    pod.kills += 1
    return () => {
      pod.kills -= 1
      if (pod.kills > 0) return
      this.#pods.delete(path)
      this.#writer.write(path, pod.quota)
    }
  }

  #take(path: string): Unthrottled {
    const { cpuQuota, cpuPeriod } = this.#cgroups.read(path)
    asStep(this.#onStep, 'node.unthrottle', () =>
      this.#writer.write(path, { cpuQuota: 'max', cpuPeriod }),
    )
    const pod = { quota: { cpuQuota, cpuPeriod }, kills: 0 }
    this.#pods.set(path, pod)
    return pod
  }
}
