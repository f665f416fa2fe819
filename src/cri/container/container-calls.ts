import { answered } from '../connection/answered.ts'
import type { CallOptions, Connection } from '../connection/connection.ts'
import { RuntimeService } from '../generated/runtime/v1/service_pb.ts'
import { linuxResourcesToWire, type LinuxContainerResources } from '../linux/linux-resources.ts'
import { removeWithLostTask } from '../lost-task.ts'
import { podSandboxConfigToWire, type PodSandboxConfig } from '../sandbox/pod-sandbox.ts'
import { containerConfigToWire, type ContainerConfig } from './container-config.ts'
import { containerStatsFromWire, type ContainerStats } from './container-stats.ts'
import {
  type ContainerFilter,
  type ContainerStatus,
  type ContainerSummary,
  containerFilterToWire,
  containerStatusFromWire,
  containerSummaryFromWire,
} from './container-status.ts'

/** The containers of a runtime. Unknown ids are `notFound` unless said otherwise. */
export interface ContainerCalls {
  /** Resolves with the container's id. `sandbox` must be what the sandbox was run with. */
  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandbox: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>
  startContainer(id: string, options?: CallOptions): Promise<void>
  /**
   * Sends the image's stop signal and SIGKILL after `graceSeconds`; 0 kills at
   * once. Stopping twice and an unknown id are no errors.
   */
  stopContainer(id: string, graceSeconds: number, options?: CallOptions): Promise<void>
  /** Kills it if it runs. An unknown id is no error. */
  removeContainer(id: string, options?: CallOptions): Promise<void>
  listContainers(filter?: ContainerFilter, options?: CallOptions): Promise<ContainerSummary[]>
  containerStatus(id: string, options?: CallOptions): Promise<ContainerStatus>
  /** What the runtime tells beyond its status, in its own words: containerd and CRI-O have JSON under `info`. */
  containerInfo(id: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>
  /**
   * Changes what the container may use while it runs. The runtime re-applies
   * all it remembers, so a value that somebody else wrote to a cgroup file is
   * undone. A container that does not run gets the values at no time: it was
   * created with others.
   *
   * After an error some values may have been applied: read the files back.
   */
  updateContainerResources(
    id: string,
    resources: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>
  /** Opens the log file again after it was moved away. Needs a running container. */
  reopenContainerLog(id: string, options?: CallOptions): Promise<void>
  containerStats(id: string, options?: CallOptions): Promise<ContainerStats>
  /** Of running containers only. */
  listContainerStats(
    filter?: Omit<ContainerFilter, 'state'>,
    options?: CallOptions,
  ): Promise<ContainerStats[]>
}

const runtime = RuntimeService.method

export function containerCalls(connection: Connection): ContainerCalls {
  const { unary, deadlines } = connection
  const { change, lifecycle, question } = deadlines
  return {
    createContainer: async (podSandboxId, config, sandbox, options) => {
      const input = {
        podSandboxId,
        config: containerConfigToWire(config),
        sandboxConfig: podSandboxConfigToWire(sandbox),
      }
      return (await unary(runtime.createContainer, input, lifecycle, options)).containerId
    },
    startContainer: async (containerId, options) => {
      await unary(runtime.startContainer, { containerId }, lifecycle, options)
    },
    stopContainer: async (containerId, graceSeconds, options) => {
      const deadline = graceSeconds * 1000 + change
      const input = { containerId, timeout: BigInt(graceSeconds) }
      await unary(runtime.stopContainer, input, deadline, options)
    },
    removeContainer: async (containerId, options) => {
      await removeWithLostTask(connection, async () => {
        await unary(runtime.removeContainer, { containerId }, lifecycle, options)
      })
    },
    listContainers: async (filter = {}, options) => {
      const input = { filter: containerFilterToWire(filter) }
      const { containers } = await unary(runtime.listContainers, input, question, options)
      return containers.map(containerSummaryFromWire)
    },
    containerStatus: async (containerId, options) => {
      const method = runtime.containerStatus
      const { status } = await unary(method, { containerId }, question, options)
      return containerStatusFromWire(answered(status, method.name))
    },
    containerInfo: async (containerId, options) => {
      const input = { containerId, verbose: true }
      return (await unary(runtime.containerStatus, input, question, options)).info
    },
    updateContainerResources: async (containerId, resources, options) => {
      const input = { containerId, linux: linuxResourcesToWire(resources) }
      await unary(runtime.updateContainerResources, input, change, options)
    },
    reopenContainerLog: async (containerId, options) => {
      await unary(runtime.reopenContainerLog, { containerId }, change, options)
    },
    containerStats: async (containerId, options) => {
      const method = runtime.containerStats
      const { stats } = await unary(method, { containerId }, question, options)
      return containerStatsFromWire(answered(stats, method.name))
    },
    listContainerStats: async (filter = {}, options) => {
      const { id = '', podSandboxId = '', labels = {} } = filter
      const input = { filter: { id, podSandboxId, labelSelector: { ...labels } } }
      const { stats } = await unary(runtime.listContainerStats, input, question, options)
      return stats.map(containerStatsFromWire)
    },
  }
}
