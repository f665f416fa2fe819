import { answered } from '../connection/answered.ts'
import type { CallOptions, Connection } from '../connection/connection.ts'
import { RuntimeService } from '../generated/runtime/v1/service_pb.ts'
import { linuxResourcesToWire, type LinuxContainerResources } from '../linux/linux-resources.ts'
import { removeWithLostTask } from '../lost-task.ts'
import {
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxFilter,
  type PodSandboxStatus,
  podSandboxConfigToWire,
  podSandboxFilterToWire,
  podSandboxFromWire,
  podSandboxStatusFromWire,
} from './pod-sandbox.ts'

/** The pod sandboxes of a runtime. */
export interface SandboxCalls {
  /** Resolves with the sandbox's id when it is ready, its network included. */
  runPodSandbox(config: PodSandboxConfig, options?: CallOptions): Promise<string>
  /** Kills its containers and gives its network back. Stopping twice is no error. */
  stopPodSandbox(id: string, options?: CallOptions): Promise<void>
  /** Removes its containers too. An unknown id is no error. */
  removePodSandbox(id: string, options?: CallOptions): Promise<void>
  /** @throws CriError `notFound` */
  podSandboxStatus(id: string, options?: CallOptions): Promise<PodSandboxStatus>
  listPodSandboxes(filter?: PodSandboxFilter, options?: CallOptions): Promise<PodSandbox[]>
  /**
   * Tells the runtime what the pod as a whole may use; changes no cgroup.
   *
   * @throws CriError `unimplemented` before containerd 2.3
   */
  updatePodSandboxResources(
    id: string,
    resources: LinuxContainerResources,
    overhead?: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>
}

const runtime = RuntimeService.method

export function sandboxCalls(connection: Connection): SandboxCalls {
  const { unary, deadlines } = connection
  const { change, lifecycle, question } = deadlines
  return {
    runPodSandbox: async (config, options) => {
      const input = { config: podSandboxConfigToWire(config) }
      return (await unary(runtime.runPodSandbox, input, lifecycle, options)).podSandboxId
    },
    stopPodSandbox: async (podSandboxId, options) => {
      await unary(runtime.stopPodSandbox, { podSandboxId }, lifecycle, options)
    },
    removePodSandbox: async (podSandboxId, options) => {
      await removeWithLostTask(connection, async () => {
        await unary(runtime.removePodSandbox, { podSandboxId }, lifecycle, options)
      })
    },
    podSandboxStatus: async (podSandboxId, options) => {
      const method = runtime.podSandboxStatus
      const { status } = await unary(method, { podSandboxId }, question, options)
      return podSandboxStatusFromWire(answered(status, method.name))
    },
    listPodSandboxes: async (filter = {}, options) => {
      const input = { filter: podSandboxFilterToWire(filter) }
      const { items } = await unary(runtime.listPodSandbox, input, question, options)
      return items.map(podSandboxFromWire)
    },
    updatePodSandboxResources: async (podSandboxId, resources, overhead, options) => {
      const input = {
        podSandboxId,
        resources: linuxResourcesToWire(resources),
        ...(overhead === undefined ? {} : { overhead: linuxResourcesToWire(overhead) }),
      }
      await unary(runtime.updatePodSandboxResources, input, change, options)
    },
  }
}
