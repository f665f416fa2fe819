import { type SandboxResources, sandboxResources } from '../../domain/cgroup/sandbox-resources.ts'
import type { CgroupKnobs, CgroupReading } from '../../domain/cgroup/knobs.ts'
import { errorCode } from '../../domain/error-code.ts'
import type { ResourceList } from '../../domain/pod.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { updateResources } from '../containers/linux-resources.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'

/** A change of a pod's own cgroup. */
export interface SandboxChange {
  readonly knobs: CgroupKnobs
  /** Of the cgroup before it. */
  readonly reading: CgroupReading
  readonly overhead: ResourceList | undefined
}

/**
 * Tells the runtime what a pod as a whole gets, since its plugins may want to know or to
 * refuse it (containerd 2.3 with NRI). A runtime that has no such call is asked once for each
 * connection, and a resize waits for nothing then.
 */
export class SandboxUpdates {
  readonly #runtime: Pick<ContainerRuntime, 'updatePodSandboxResources'>
  readonly #version: KubeVersion
  /** Until the runtime has said that it has no such call. */
  #listens = true

  constructor(runtime: Pick<ContainerRuntime, 'updatePodSandboxResources'>, version: KubeVersion) {
    this.#runtime = runtime
    this.#version = version
  }

  /** After each new connection: asks for a sandbox that there is not. */
  async probe(): Promise<void> {
    this.#listens = true
    await this.#update('', { resources: {} }).catch(() => {})
  }

  /**
   * Does `act`, the change of the pod's cgroup, if the runtime does not refuse it; tells it
   * the old values again if `act` fails. Before Kubernetes 1.36 it is told afterwards, and
   * has no say.
   *
   * @param sandbox its id; undefined for a pod without one.
   * @param isDone whether `act` has done it, although it did not fail.
   * @throws Error if the runtime refuses
   */
  async around<T>(
    sandbox: string | undefined,
    change: () => SandboxChange,
    act: () => T | Promise<T>,
    isDone: (result: T) => boolean = () => true,
  ): Promise<T> {
    if (!this.#listens || sandbox === undefined) return act()
    const { knobs, reading, overhead } = change()
    const then = sandboxResources(reading, knobs, overhead)
    if (!atLeast(this.#version, '1.36')) {
      const result = await act()
      if (isDone(result)) await this.#update(sandbox, then).catch(() => {})
      return result
    }
    await this.#update(sandbox, then).catch((cause: unknown) => {
      throw new Error(refusal(knobs, cause), { cause })
    })
    const restore = async (): Promise<void> =>
      this.#update(sandbox, sandboxResources(reading, {}, overhead)).catch(() => {})
    try {
      const result = await act()
      if (!isDone(result)) await restore()
      return result
    } catch (error) {
      await restore()
      throw error
    }
  }

  async #update(sandbox: string, { resources, overhead }: SandboxResources): Promise<void> {
    try {
      await this.#runtime.updatePodSandboxResources(
        sandbox,
        updateResources(resources),
        overhead && updateResources(overhead),
      )
    } catch (error) {
      if (!isNotImplemented(error)) throw error
      this.#listens = false
    }
  }
}

/** containerd 2.2 has the call, and says so in its own words. */
function isNotImplemented(error: unknown): boolean {
  const code = errorCode(error)
  if (code === 'unimplemented') return true
  return code === 'unknown' && error instanceof Error && error.message.includes('not implemented')
}

function refusal(knobs: CgroupKnobs, cause: unknown): string {
  const names = [
    ...('cpuShares' in knobs || 'cpuQuota' in knobs ? ['cpu'] : []),
    ...('memoryLimit' in knobs ? ['memory'] : []),
  ]
  const text = cause instanceof Error ? cause.message : String(cause)
  return `failed to notify runtime for UpdatePodSandboxResources (resource=${names.join(',')}); resize rejected: ${text}`
}
