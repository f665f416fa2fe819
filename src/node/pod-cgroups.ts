import { compareKnobs } from '../domain/cgroup/compare.ts'
import { sharesFor, type WeightFormula, weightFormulaOf } from '../domain/cgroup/cpu.ts'
import { compareUnified, type FileDifference } from '../domain/cgroup/compare-unified.ts'
import { driftMessage } from '../domain/cgroup/drift.ts'
import {
  type CgroupKnobs,
  type CgroupReading,
  nodeKnobs,
  podKnobs,
  qosKnobs,
} from '../domain/cgroup/knobs.ts'
import {
  type CgroupDriver,
  containerCgroupPath,
  criCgroupParent,
  podCgroupPath,
  qosCgroupPath,
} from '../domain/cgroup/names.ts'
import {
  burstableReservation,
  containerUnified,
  type MemoryPolicy,
  type MemoryQos,
  type MemoryRequests,
  podReservation,
  rootReservation,
  type UnifiedFiles,
} from '../domain/cgroup/memory-qos.ts'
import type { SwapBehavior } from '../domain/cgroup/swap.ts'
import type { Container, Pod } from '../domain/pod.ts'
import { type QosClass, qosClassOf } from '../domain/qos.ts'
import type { Bytes, MilliCpu } from '../domain/units.ts'
import type { ShrinkSubject } from '../domain/resize/plan.ts'
import type { Cgroups } from './cgroups.ts'
import {
  roundedForSystemd,
  sliceProperties,
  unifiedProperties,
} from '../domain/cgroup/systemd-properties.ts'
import type { Slices } from './slices.ts'
import type { ShrinkableMemory } from './memory-shrinker.ts'
import { unlessGone } from './unless-gone.ts'
import { waitUntil } from './wait-until.ts'

export interface PodCgroupsOptions {
  readonly cgroups: Cgroups
  readonly root: string
  readonly driver: CgroupDriver
  /** Where systemd owns the cgroups. */
  readonly slices?: Slices
  readonly machine: { readonly cpu: MilliCpu; readonly memory: Bytes; readonly swap: Bytes }
  /** Protects the memory of requests and throttles near limits, on v2. @default off */
  readonly memoryQos?: MemoryQos
  /** @default 'NoSwap' */
  readonly swapBehavior?: SwapBehavior
}

/** How long those who were killed may take to be gone. */
const killMs = 5000

/** A cgroup above the pods that is not as the node made it. */
export interface ClassDrift {
  readonly path: string
  /** Of the event: expected and found. */
  readonly message: string
  readonly restore: () => void
}

const qosLevels = ['Burstable', 'BestEffort'] as const
const qosClasses = ['Guaranteed', ...qosLevels] as const

/**
 * The cgroups above the containers, which are the node's own: the root of all
 * pods, the two QoS classes that have one, and one for each pod.
 */
export class PodCgroups {
  readonly #options: PodCgroupsOptions
  #policy: MemoryPolicy | undefined
  /** How the runtime makes weights, once a container has shown it. */
  #formula: WeightFormula | undefined

  constructor(options: PodCgroupsOptions) {
    this.#options = options
  }

  /** Makes the cgroups above the pods. Harmless if they are there. */
  async createRoot(): Promise<void> {
    const { cgroups, root, driver } = this.#options
    await this.#create(qosCgroupPath(root, 'Guaranteed', driver), this.#nodeKnobs())
    for (const qos of qosLevels) {
      const path = qosCgroupPath(root, qos, driver)
      // Pods may run there: their weight stays until all of them are known.
      const keeps = qos === 'Burstable' && cgroups.exists(path)
      await this.#create(path, keeps ? {} : qosKnobs(qos))
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
  protectClasses(sums: MemoryRequests): void {
    const { root, driver } = this.#options
    if (this.memoryPolicy()?.qos === undefined) return
    this.#protect(qosCgroupPath(root, 'Guaranteed', driver), rootReservation(sums))
    this.#protect(qosCgroupPath(root, 'Burstable', driver), burstableReservation(sums))
  }

  /** With MemoryQoS: what the pod's own cgroup protects, by its allocated spec. */
  protectPod(pod: Pod): void {
    if (this.memoryPolicy()?.qos === undefined) return
    this.#protect(this.podPath(pod), podReservation(pod.spec))
  }

  /** What others have changed of what `protectPod` has written. */
  findPodFileDrift(pod: Pod): readonly FileDifference[] {
    if (this.memoryPolicy()?.qos === undefined) return []
    return this.#fileDrift(this.podPath(pod), podReservation(pod.spec))
  }

  /** What others have changed of the files that the runtime was told to write beside the knobs. */
  findContainerFileDrift(pod: Pod, container: Container, id: string): readonly FileDifference[] {
    const policy = this.memoryPolicy()
    if (policy === undefined) return []
    const path = this.#containerPath(pod, id)
    return this.#fileDrift(path, containerUnified(policy, pod.spec, container))
  }

  #fileDrift(path: string, wanted: UnifiedFiles): readonly FileDifference[] {
    const { cgroups } = this.#options
    return compareUnified(wanted, cgroups.readUnified(path, Object.keys(wanted)))
  }

  /** Gives the Burstable class the CPU weight of what its pods were promised. */
  weighBurstable(requests: MilliCpu): void {
    const { root, driver } = this.#options
    this.#putBack(qosCgroupPath(root, 'Burstable', driver), { cpuShares: sharesFor(requests) })
  }

  /**
   * What others have changed of the cgroups above the pods, and how it is put back.
   *
   * @param burstable what the Burstable pods were promised together, once it is known.
   * @param memory what all of them were.
   */
  findClassDrift(
    burstable: MilliCpu | undefined,
    memory: MemoryRequests | undefined,
  ): readonly ClassDrift[] {
    const { cgroups, root, driver } = this.#options
    const sums = this.memoryPolicy()?.qos === undefined ? undefined : memory
    const wanted: readonly (readonly [QosClass, CgroupKnobs, UnifiedFiles])[] = [
      ['Guaranteed', this.#nodeKnobs(), sums ? rootReservation(sums) : {}],
      [
        'Burstable',
        burstable === undefined ? {} : { cpuShares: sharesFor(burstable) },
        sums ? burstableReservation(sums) : {},
      ],
      ['BestEffort', qosKnobs('BestEffort'), {}],
    ]
    return wanted.flatMap(([qos, knobs, files]) => {
      const path = qosCgroupPath(root, qos, driver)
      const restore = (): void => {
        this.#putBack(path, knobs)
        this.#protect(path, files)
      }
      const reading = unlessGone(() => cgroups.read(path))
      if (reading === undefined) {
        return [{ path, message: `Somebody removed the cgroup ${path}`, restore }]
      }
      const how = { level: 'qos', systemd: this.systemd } as const
      const differences = [...compareKnobs(knobs, reading, how), ...this.#fileDrift(path, files)]
      if (differences.length === 0) return []
      return [{ path, message: driftMessage(path, differences), restore }]
    })
  }

  /** Anybody may remove a cgroup that is empty. */
  #putBack(path: string, knobs: CgroupKnobs): void {
    const { cgroups } = this.#options
    if (!cgroups.exists(path)) cgroups.create(path)
    this.#write(path, knobs)
  }

  /** Makes the pod's cgroup with the limits of its allocated spec. */
  async createPod(pod: Pod): Promise<void> {
    await this.#create(this.podPath(pod), podKnobs(pod.spec))
    this.protectPod(pod)
  }

  /**
   * Removes the pod's cgroup, wherever its QoS class put it. A start that broke off leaves
   * processes there that the runtime knows nothing of: they are killed, as a kubelet does.
   */
  async removePod(uid: string): Promise<void> {
    const { cgroups, root, driver, slices } = this.#options
    for (const qos of qosClasses) {
      const path = podCgroupPath(root, qos, uid, driver)
      await slices?.stop(path)
      const isEmpty = (): boolean => {
        if (cgroups.processes(path, { recursive: true }).length === 0) return true
        cgroups.kill(path)
        return false
      }
      await waitUntil(isEmpty, killMs)
      cgroups.remove(path, { recursive: true })
    }
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

  writePod(pod: Pod, knobs: CgroupKnobs): void {
    this.#write(this.podPath(pod), knobs)
  }

  /**
   * Gives a container's files what the runtime will write for `knobs`. Its weight is left to
   * the runtime as long as nobody has seen how it makes one.
   *
   * @param known what the files may say now, by which the runtime's formula is seen.
   */
  writeContainer(pod: Pod, id: string, knobs: CgroupKnobs, known: readonly CgroupKnobs[]): void {
    const { cgroups } = this.#options
    const path = this.#containerPath(pod, id)
    if (cgroups.version === 'v2') this.#learnFormula(cgroups.read(path), known)
    cgroups.writeContainer(path, this.#rounded(knobs), this.#formula)
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
    const { cgroups } = this.#options
    const path =
      subject.kind === 'pod' ? this.podPath(pod) : this.#containerPath(pod, subject.containerId)
    return {
      version: cgroups.version,
      path,
      sample: () => cgroups.memorySample(path),
      limit: () => cgroups.read(path).memoryLimit,
      setLimit: (memoryLimit) =>
        // Of a container's scope systemd hears from the runtime.
        subject.kind === 'pod'
          ? this.#write(path, { memoryLimit })
          : cgroups.write(path, { memoryLimit }),
      lowerLimit: async (memoryLimit) => {
        await cgroups.writeMemoryLimit(path, memoryLimit)
        if (subject.kind === 'pod') this.#tell(path, { memoryLimit })
      },
      reclaim: (amount) => cgroups.reclaim(path, amount),
      high: () => cgroups.memoryHigh(path) ?? 'max',
      setHigh: (high) => cgroups.setMemoryHigh(path, high),
    }
  }

  /** Puts back a soft limit that a crash has left behind; harmless if the cgroup is gone. */
  async restoreSoftLimit(path: string, high: Bytes | 'max'): Promise<void> {
    const { cgroups } = this.#options
    if (cgroups.exists(path)) await cgroups.setMemoryHigh(path, high)
  }

  /** Ids of the container's processes. */
  processesOf(pod: Pod, id: string): readonly number[] {
    return this.#options.cgroups.processes(this.#containerPath(pod, id), { recursive: true })
  }

  readContainer(pod: Pod, id: string): CgroupReading {
    return this.#options.cgroups.read(this.#containerPath(pod, id))
  }

  async #create(path: string, knobs: CgroupKnobs): Promise<void> {
    const { cgroups, slices } = this.#options
    await slices?.start(path, sliceProperties(cgroups.version, knobs))
    cgroups.create(path)
    cgroups.write(path, this.#rounded(knobs))
  }

  /** The files say it at once; systemd is told what it would write. */
  #write(path: string, knobs: CgroupKnobs): void {
    this.#options.cgroups.write(path, this.#rounded(knobs))
    this.#tell(path, knobs)
  }

  #tell(path: string, knobs: CgroupKnobs): void {
    const { cgroups, slices } = this.#options
    slices?.tell(path, sliceProperties(cgroups.version, knobs))
  }

  #protect(path: string, files: UnifiedFiles): void {
    const { cgroups, slices } = this.#options
    cgroups.writeUnified(path, files)
    slices?.tell(path, unifiedProperties(files))
  }

  #rounded(knobs: CgroupKnobs): CgroupKnobs {
    return this.#options.slices === undefined ? knobs : roundedForSystemd(knobs)
  }

  #containerPath(pod: Pod, id: string): string {
    return containerCgroupPath(this.podPath(pod), id, this.#options.driver)
  }
}

function qosOf(pod: Pod): QosClass {
  return (pod.status?.qosClass as QosClass | undefined) ?? qosClassOf(pod.spec)
}
