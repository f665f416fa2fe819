import { answered } from './answered.ts'
import type { Connection } from './connection.ts'
import type { SandboxCalls } from './cri-runtime.ts'
import { RuntimeService } from './generated/runtime/v1/service_pb.ts'
import { linuxResourcesToWire } from './linux-resources.ts'
import { removeWithLostTask } from './lost-task.ts'
import {
  podSandboxConfigToWire,
  podSandboxFilterToWire,
  podSandboxFromWire,
  podSandboxStatusFromWire,
} from './pod-sandbox.ts'

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
