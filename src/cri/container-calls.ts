import { answered } from './answered.ts'
import type { Connection } from './connection.ts'
import { containerConfigToWire } from './container-config.ts'
import { containerStatsFromWire } from './container-stats.ts'
import {
  containerFilterToWire,
  containerStatusFromWire,
  containerSummaryFromWire,
} from './container-status.ts'
import type { ContainerCalls } from './cri-runtime.ts'
import { RuntimeService } from './generated/runtime/v1/service_pb.ts'
import { linuxResourcesToWire } from './linux-resources.ts'
import { removeWithLostTask } from './lost-task.ts'
import { podSandboxConfigToWire } from './pod-sandbox.ts'

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
