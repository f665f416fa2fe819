import { type WeightFormula, weightFormulaOf } from '../../domain/cgroup/cpu.ts'
import type { FileDifference } from '../../domain/cgroup/compare-unified.ts'
import { errorCode } from '../../domain/error-code.ts'
import { type CgroupKnobs, type CgroupReading, podKnobs } from '../../domain/cgroup/knobs.ts'
import { containerCgroupPath, criCgroupParent, podCgroupPath } from '../../domain/cgroup/names.ts'
import {
  containerUnified,
  type MemoryPolicy,
  podReservation,
} from '../../domain/cgroup/memory-qos.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import { type QosClass, qosClassOf } from '../../domain/qos.ts'
import type { ShrinkSubject } from '../../domain/resize/actuation/plan.ts'
import type { Bytes } from '../../domain/units.ts'
import { asLongStep, asStep } from '../as-step.ts'
import { CgroupWriter } from './cgroup-writer.ts'
import { ClassCgroups, type NodeCgroupsOptions } from './class-cgroups.ts'
import type { ShrinkableMemory } from './memory-shrinker.ts'
import { waitUntil } from '../wait-until.ts'

/** How long those who were killed may take to be gone. */
const killMs = 5000

const qosClasses = ['Guaranteed', 'Burstable', 'BestEffort'] as const

/** The cgroups of pods, which are the node's own, and those of their containers. */
export class PodCgroups {
  readonly #options: NodeCgroupsOptions
  readonly #writer: CgroupWriter
  /** Those above the pods. */
  readonly classes: ClassCgroups
  /** How the runtime makes weights, once a container has shown it. */
  #formula: WeightFormula | undefined

  constructor(options: NodeCgroupsOptions) {
    this.#options = options
    this.#writer = new CgroupWriter(options)
    this.classes = new ClassCgroups(options, this.#writer)
  }

  /** How containers' memory is set beyond the limit; undefined on v1, where nothing is. */
  memoryPolicy(): MemoryPolicy | undefined {
    return this.classes.memoryPolicy()
  }

  /** With MemoryQoS: what the pod's own cgroup protects, by its allocated spec. */
  protectPod(pod: Pod): void {
    const qos = this.memoryPolicy()?.qos
    if (qos === undefined) return
    asStep(this.#options.onStep, 'node.protect', () =>
      this.#writer.protect(this.podPath(pod), podReservation(qos, pod.spec)),
    )
  }

  /** What others have changed of what `protectPod` has written. */
  findPodFileDrift(pod: Pod): readonly FileDifference[] {
    const qos = this.memoryPolicy()?.qos
    return qos === undefined
      ? []
      : this.#writer.fileDrift(this.podPath(pod), podReservation(qos, pod.spec))
  }

  /** What others have changed of the files that the runtime was told to write beside the knobs. */
  findContainerFileDrift(pod: Pod, container: Container, id: string): readonly FileDifference[] {
    const policy = this.memoryPolicy()
    if (policy === undefined) return []
    const path = this.#containerPath(pod, id)
    return this.#writer.fileDrift(path, containerUnified(policy, pod.spec, container))
  }

  /** Has systemd know the allocated size of a pod whose files say it, after a crash in between too. */
  assurePod(pod: Pod): void {
    this.#writer.assure(this.podPath(pod), podKnobs(pod.spec))
  }

  /** Makes the pod's cgroup with the limits of its allocated spec. */
  async createPod(pod: Pod): Promise<void> {
    await asLongStep(this.#options.onStep, 'node.create-cgroup', () =>
      this.#writer.create(this.podPath(pod), podKnobs(pod.spec)),
    )
    this.protectPod(pod)
  }

  /**
   * Removes the pod's cgroup, wherever its QoS class put it. A start that broke off leaves
   * processes there that the runtime knows nothing of: they are killed, as a kubelet does.
   */
  async removePod(uid: string): Promise<void> {
    const { root, driver, onStep } = this.#options
    await asLongStep(onStep, 'node.remove-cgroup', async () => {
      for (const qos of qosClasses) await this.#remove(podCgroupPath(root, qos, uid, driver))
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

  /**
   * Kills every process of a container, however many they are: they get all the CPU that there
   * is for it, since one that is throttled takes long to die. Does nothing if it has no cgroup.
   *
   * @returns gives the pod its quota back, to be called when the container is gone.
   */
  killContainer(uid: string, id: string): () => void {
    const { cgroups, root, driver, onStep } = this.#options
    const pod = qosClasses
      .map((qos) => podCgroupPath(root, qos, uid, driver))
      .find((path) => cgroups.exists(containerCgroupPath(path, id, driver)))
    if (pod === undefined) return () => {}
    const container = containerCgroupPath(pod, id, driver)
    const { cpuQuota, cpuPeriod } = cgroups.read(pod)
    const unlimited = { cpuQuota: 'max', cpuPeriod } as const
    asStep(onStep, 'node.unthrottle', () => this.#writer.write(pod, unlimited))
    cgroups.writeContainer(container, unlimited, undefined)
    asStep(onStep, 'node.kill', () => cgroups.kill(container))
    return () => this.#writer.write(pod, { cpuQuota, cpuPeriod })
  }

  /** Whether systemd owns the cgroups: then quotas are rounded up to 10 ms a second. */
  get systemd(): boolean {
    return this.#options.driver === 'systemd'
  }

  /** The QoS class of a pod never changes, so the place of its cgroup does not either. */
  podPath(pod: Pod): string {
    const { root, driver } = this.#options
    return podCgroupPath(root, qosOf(pod), pod.metadata.uid ?? '', driver)
  }

  /** The pod's cgroup as the runtime wants to hear of it. */
  parentOf(pod: Pod): string {
    return criCgroupParent(this.podPath(pod), this.#options.driver)
  }

  readPod(pod: Pod): CgroupReading {
    return this.#options.cgroups.read(this.podPath(pod))
  }

  /** Whether the files of the pod's own cgroup say what was written last. */
  isPodSettled(pod: Pod): boolean {
    return this.#writer.isSettled(this.podPath(pod))
  }

  /** Resolves when they do. */
  podSettled(pod: Pod): Promise<void> {
    return this.#writer.settled(this.podPath(pod))
  }

  writePod(pod: Pod, knobs: CgroupKnobs): void {
    asStep(this.#options.onStep, 'node.pod-cgroup', () =>
      this.#writer.write(this.podPath(pod), knobs),
    )
  }

  /**
   * Gives a container's files what the runtime will write for `knobs`. Its weight is left to
   * the runtime as long as nobody has seen how it makes one.
   *
   * @param known what the files may say now, by which the runtime's formula is seen.
   */
  writeContainer(pod: Pod, id: string, knobs: CgroupKnobs, known: readonly CgroupKnobs[]): void {
    const { cgroups, onStep } = this.#options
    const path = this.#containerPath(pod, id)
    if (cgroups.version === 'v2') this.#learnFormula(cgroups.read(path), known)
    asStep(onStep, 'node.write', () =>
      cgroups.writeContainer(path, this.#writer.rounded(knobs), this.#formula),
    )
  }

  #learnFormula({ cpu }: CgroupReading, known: readonly CgroupKnobs[]): void {
    if (cpu.kind === 'shares') return
    const seen = known.flatMap(({ cpuShares }) =>
      cpuShares === undefined ? [] : (weightFormulaOf(cpuShares, cpu.weight) ?? []),
    )
    this.#formula = seen[0] ?? this.#formula
  }

  /** The memory of the pod as a whole, or of one container. */
  memoryOf(pod: Pod, subject: ShrinkSubject): ShrinkableMemory {
    const { cgroups, onStep } = this.#options
    const path =
      subject.kind === 'pod' ? this.podPath(pod) : this.#containerPath(pod, subject.containerId)
    return {
      version: cgroups.version,
      path,
      sample: () => cgroups.memorySample(path),
      limit: () => cgroups.read(path).memoryLimit,
      setLimit: (memoryLimit) =>
        asStep(onStep, 'node.limit', () =>
          // Of a container's scope systemd hears from the runtime.
          subject.kind === 'pod'
            ? this.#writer.write(path, { memoryLimit })
            : cgroups.write(path, { memoryLimit }),
        ),
      lowerLimit: (memoryLimit) =>
        asLongStep(onStep, 'node.limit', async () => {
          await cgroups.writeMemoryLimit(path, memoryLimit)
          if (subject.kind === 'pod') this.#writer.tell(path, { memoryLimit })
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

  /** Ids of the container's processes. */
  processesOf(pod: Pod, id: string): readonly number[] {
    return this.#options.cgroups.processes(this.#containerPath(pod, id), { recursive: true })
  }

  readContainer(pod: Pod, id: string): CgroupReading {
    return this.#options.cgroups.read(this.#containerPath(pod, id))
  }

  #containerPath(pod: Pod, id: string): string {
    return containerCgroupPath(this.podPath(pod), id, this.#options.driver)
  }
}

function qosOf(pod: Pod): QosClass {
  return (pod.status?.qosClass as QosClass | undefined) ?? qosClassOf(pod.spec)
}
