import { compareKnobs } from '../../domain/cgroup/compare.ts'
import { sharesFor } from '../../domain/cgroup/cpu.ts'
import { driftMessage } from '../../domain/cgroup/drift.ts'
import { type CgroupKnobs, nodeKnobs, qosKnobs } from '../../domain/cgroup/knobs.ts'
import {
  burstableReservation,
  type MemoryPolicy,
  type MemoryRequests,
  rootReservation,
  type UnifiedFiles,
} from '../../domain/cgroup/memory-qos.ts'
import { qosCgroupPath } from '../../domain/cgroup/names.ts'
import type { QosClass } from '../../domain/resources/qos.ts'
import type { MilliCpu } from '../../domain/units.ts'
import { asStep } from '../as-step.ts'
import type { CgroupWriter } from './cgroup-writer.ts'
import type { NodeCgroupsOptions } from './node-cgroups-options.ts'
import { unlessGone } from '../unless-gone.ts'

/** A cgroup above the pods that is not as the node made it. */
export interface ClassDrift {
  readonly path: string
  /** Of the event: expected and found. */
  readonly message: string
  readonly restore: () => void
}

const qosLevels = ['Burstable', 'BestEffort'] as const

/** The cgroups above the pods: the root of all of them, and the two QoS classes that have one. */
export class ClassCgroups {
  readonly #options: NodeCgroupsOptions
  readonly #writer: CgroupWriter
  #policy: MemoryPolicy | undefined

  constructor(options: NodeCgroupsOptions, writer: CgroupWriter) {
    this.#options = options
    this.#writer = writer
  }

  /** Makes the cgroups above the pods. Harmless if they are there. */
  async create(): Promise<void> {
    const { cgroups, root, driver } = this.#options
    await this.#writer.create(qosCgroupPath(root, 'Guaranteed', driver), this.#nodeKnobs())
    for (const qos of qosLevels) {
      const path = qosCgroupPath(root, qos, driver)
      // Pods may run there: their weight stays until all of them are known.
      const keeps = qos === 'Burstable' && cgroups.exists(path)
      await this.#writer.create(path, keeps ? {} : qosKnobs(qos))
    }
  }

  #nodeKnobs(): CgroupKnobs {
    const { cpu, memory } = this.#options.machine
    return nodeKnobs({ cpuRequest: cpu, memoryLimit: memory })
  }

  /**
   * How containers' memory is set beyond the limit; undefined on v1, where nothing is. The
   * root has to be there.
   */
  memoryPolicy(): MemoryPolicy | undefined {
    const { cgroups, root, driver, machine, memoryQos, swapBehavior = 'NoSwap' } = this.#options
    if (cgroups.version === 'v1') return undefined
    if (this.#policy !== undefined) return this.#policy
    const { memory, swap } = machine
    const swaps = cgroups.controlsSwap(qosCgroupPath(root, 'Guaranteed', driver))
    this.#policy = {
      ...(memoryQos && { qos: memoryQos }),
      ...(swaps && { swap: { behavior: swapBehavior, memory, capacity: swap } }),
    }
    return this.#policy
  }

  /** With MemoryQoS: what the cgroups above the pods protect. */
  protect(sums: MemoryRequests): void {
    const { root, driver, onStep } = this.#options
    const qos = this.memoryPolicy()?.qos
    if (qos === undefined) return
    asStep(onStep, 'node.protect-classes', () => {
      const at = (level: QosClass): string => qosCgroupPath(root, level, driver)
      this.#writer.protect(at('Guaranteed'), rootReservation(qos, sums))
      this.#writer.protect(at('Burstable'), burstableReservation(qos, sums))
    })
  }

  /** Gives the Burstable class the CPU weight of what its pods were promised. */
  weighBurstable(requests: MilliCpu): void {
    const { root, driver, onStep } = this.#options
    const path = qosCgroupPath(root, 'Burstable', driver)
    asStep(onStep, 'node.class-weight', () =>
      this.#putBack(path, { cpuShares: sharesFor(requests) }),
    )
  }

  /**
   * What others have changed of the cgroups above the pods, and how it is put back.
   *
   * @param burstable what the Burstable pods were promised together, once it is known.
   * @param memory what all of them were.
   */
  findDrift(
    burstable: MilliCpu | undefined,
    memory: MemoryRequests | undefined,
  ): readonly ClassDrift[] {
    const { cgroups, root, driver } = this.#options
    const policy = this.memoryPolicy()?.qos
    const wanted: readonly (readonly [QosClass, CgroupKnobs, UnifiedFiles])[] = [
      ['Guaranteed', this.#nodeKnobs(), policy && memory ? rootReservation(policy, memory) : {}],
      [
        'Burstable',
        burstable === undefined ? {} : { cpuShares: sharesFor(burstable) },
        policy && memory ? burstableReservation(policy, memory) : {},
      ],
      ['BestEffort', qosKnobs('BestEffort'), {}],
    ]
    return wanted.flatMap(([qos, knobs, files]) => {
      const path = qosCgroupPath(root, qos, driver)
      if (!this.#writer.isSettled(path)) return []
      const restore = (): void => {
        this.#putBack(path, knobs)
        this.#writer.protect(path, files)
      }
      const reading = unlessGone(() => cgroups.read(path))
      if (reading === undefined) {
        return [{ path, message: `Somebody removed the cgroup ${path}`, restore }]
      }
      const how = { level: 'qos', systemd: driver === 'systemd' } as const
      const differences = [
        ...compareKnobs(knobs, reading, how),
        ...this.#writer.fileDrift(path, files),
      ]
      if (differences.length === 0) return []
      return [{ path, message: driftMessage(path, differences), restore }]
    })
  }

  /** Anybody may remove a cgroup that is empty. */
  #putBack(path: string, knobs: CgroupKnobs): void {
    const { cgroups } = this.#options
    if (!cgroups.exists(path)) cgroups.create(path)
    this.#writer.write(path, knobs)
  }
}
