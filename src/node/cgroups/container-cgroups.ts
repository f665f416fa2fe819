import { type WeightFormula, weightFormulaOf } from '../../domain/cgroup/cpu.ts'
import type { FileDifference } from '../../domain/cgroup/compare-unified.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { containerUnified, type MemoryPolicy } from '../../domain/cgroup/memory-qos.ts'
import { containerCgroupPath } from '../../domain/cgroup/names.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import { asStep } from '../as-step.ts'
import { containerPlace, possiblePodPlaces } from './cgroup-places.ts'
import type { CgroupWriter } from './cgroup-writer.ts'
import type { NodeCgroupsOptions } from './node-cgroups-options.ts'
import { UnthrottledPods } from './unthrottled-pods.ts'

/** The cgroups of containers, which are the runtime's: the node reads them, and writes beside the runtime. */
export class ContainerCgroups {
  readonly #options: NodeCgroupsOptions
  readonly #writer: CgroupWriter
  readonly #memoryPolicy: () => MemoryPolicy | undefined
  readonly #unthrottled: UnthrottledPods
  /** How the runtime makes weights, once a container has shown it. */
  #formula: WeightFormula | undefined

  constructor(
    options: NodeCgroupsOptions,
    writer: CgroupWriter,
    memoryPolicy: () => MemoryPolicy | undefined,
  ) {
    this.#options = options
    this.#writer = writer
    this.#memoryPolicy = memoryPolicy
    this.#unthrottled = new UnthrottledPods(options.cgroups, writer, options.onStep)
  }

  read(pod: Pod, id: string): CgroupReading {
    return this.#options.cgroups.read(containerPlace(this.#options, pod, id))
  }

  /** Ids of the container's processes. */
  processes(pod: Pod, id: string): readonly number[] {
    const path = containerPlace(this.#options, pod, id)
    return this.#options.cgroups.processes(path, { recursive: true })
  }

  /** What others have changed of the files that the runtime was told to write beside the knobs. */
  findFileDrift(pod: Pod, container: Container, id: string): readonly FileDifference[] {
    const policy = this.#memoryPolicy()
    if (policy === undefined) return []
    const path = containerPlace(this.#options, pod, id)
    return this.#writer.fileDrift(path, containerUnified(policy, pod.spec, container))
  }

  /**
   * Gives a container's files what the runtime will write for `knobs`. Its weight is left to
   * the runtime as long as nobody has seen how it makes one.
   *
   * @param known what the files may say now, by which the runtime's formula is seen.
   */
  write(pod: Pod, id: string, knobs: CgroupKnobs, known: readonly CgroupKnobs[]): void {
    const { cgroups, onStep } = this.#options
    const path = containerPlace(this.#options, pod, id)
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

  /**
   * Kills every process of a container, however many they are: they get all the CPU that there
   * is for it, since one that is throttled takes long to die. Does nothing if it has no cgroup.
   *
   * @returns gives the pod its quota back, to be called when the container is gone.
   */
  kill(uid: string, id: string): () => void {
    const { cgroups, driver, onStep } = this.#options
    const pod = possiblePodPlaces(this.#options, uid).find((path) =>
      cgroups.exists(containerCgroupPath(path, id, driver)),
    )
    if (pod === undefined) return () => {}
    const container = containerCgroupPath(pod, id, driver)
    const giveBack = this.#unthrottled.unthrottle(pod)
    try {
      const { cpuPeriod } = cgroups.read(container)
      cgroups.writeContainer(container, { cpuQuota: 'max', cpuPeriod }, undefined)
      asStep(onStep, 'node.kill', () => cgroups.kill(container))
    } catch (error) {
      giveBack()
      throw error
    }
    return giveBack
  }
}
