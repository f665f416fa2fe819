import { openConnection, type Connection } from './connection.ts'
import { containerConfigToWire } from './container-config.ts'
import { containerStatsFromWire } from './container-stats.ts'
import {
  containerFilterToWire,
  containerStatusFromWire,
  containerSummaryFromWire,
} from './container-status.ts'
import { CriError, isCriError } from './cri-error.ts'
import type {
  ContainerCalls,
  CriRuntime,
  ImageCalls,
  SandboxCalls,
  StreamingCalls,
} from './cri-runtime.ts'
import { CgroupDriver, ImageService, RuntimeService } from './generated/runtime/v1/service_pb.ts'
import { imageFromWire } from './image.ts'
import { linuxResourcesToWire } from './linux-resources.ts'
import {
  podSandboxConfigToWire,
  podSandboxFilterToWire,
  podSandboxFromWire,
  podSandboxStatusFromWire,
} from './pod-sandbox.ts'
import { streamsToWire } from './streaming.ts'
import { watchContainerEvents } from './watch-container-events.ts'

/** Milliseconds: a question, a change of something that runs, something that starts or ends. */
const question = 10_000
const change = 30_000
const lifecycle = 120_000
const pull = 600_000

const runtime = RuntimeService.method
const images = ImageService.method

/**
 * A client of the runtime at `endpoint` (`unix:///PATH` or an absolute path).
 * Nothing is opened before the first call, and the runtime need not run yet.
 */
export function createCriRuntime({ endpoint }: { readonly endpoint: string }): CriRuntime {
  const connection = openConnection(endpoint)
  return {
    ...sandboxCalls(connection),
    ...containerCalls(connection),
    ...streamingCalls(connection),
    ...imageCalls(connection),
    ...aboutRuntime(connection),
    watchContainerEvents: ({ signal } = {}) => watchContainerEvents(connection, signal),
    close: connection.close,
    [Symbol.dispose]: connection.close,
  }
}

function aboutRuntime({ unary }: Connection) {
  return {
    version: async (options) => {
      const { runtimeName, runtimeVersion } = await unary(runtime.version, {}, question, options)
      return { runtimeName, runtimeVersion }
    },
    runtimeConditions: async (options) => {
      const { status } = await unary(runtime.status, {}, question, options)
      return (status?.conditions ?? []).map(({ type, status, reason, message }) => ({
        type,
        status,
        reason,
        message,
      }))
    },
    cgroupDriver: async (options) => {
      try {
        const { linux } = await unary(runtime.runtimeConfig, {}, question, options)
        if (linux === undefined) return undefined
        return linux.cgroupDriver === CgroupDriver.SYSTEMD ? 'systemd' : 'cgroupfs'
      } catch (error) {
        if (isCriError(error, 'unimplemented')) return undefined
        throw error
      }
    },
  } satisfies Pick<CriRuntime, 'version' | 'runtimeConditions' | 'cgroupDriver'>
}

function sandboxCalls({ unary }: Connection): SandboxCalls {
  return {
    runPodSandbox: async (config, options) => {
      const input = { config: podSandboxConfigToWire(config) }
      return (await unary(runtime.runPodSandbox, input, lifecycle, options)).podSandboxId
    },
    stopPodSandbox: async (podSandboxId, options) => {
      await unary(runtime.stopPodSandbox, { podSandboxId }, lifecycle, options)
    },
    removePodSandbox: async (podSandboxId, options) => {
      await unary(runtime.removePodSandbox, { podSandboxId }, lifecycle, options)
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

function containerCalls({ unary }: Connection): ContainerCalls {
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
      const deadline = graceSeconds * 1000 + lifecycle
      const input = { containerId, timeout: BigInt(graceSeconds) }
      await unary(runtime.stopContainer, input, deadline, options)
    },
    removeContainer: async (containerId, options) => {
      await unary(runtime.removeContainer, { containerId }, lifecycle, options)
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

function streamingCalls({ unary }: Connection): StreamingCalls {
  return {
    execSync: async (containerId, command, timeoutSeconds = 0, options) => {
      const deadline = timeoutSeconds === 0 ? pull : timeoutSeconds * 1000 + question
      const input = { containerId, cmd: [...command], timeout: BigInt(timeoutSeconds) }
      const response = await unary(runtime.execSync, input, deadline, options)
      const { stdout, stderr, exitCode } = response
      return { stdout, stderr, exitCode }
    },
    exec: async (containerId, command, streams, options) => {
      const input = { containerId, cmd: [...command], ...streamsToWire(streams) }
      return new URL((await unary(runtime.exec, input, question, options)).url)
    },
    attach: async (containerId, streams, options) => {
      const input = { containerId, ...streamsToWire(streams) }
      return new URL((await unary(runtime.attach, input, question, options)).url)
    },
    portForward: async (podSandboxId, ports, options) => {
      const input = { podSandboxId, port: [...ports] }
      return new URL((await unary(runtime.portForward, input, question, options)).url)
    },
  }
}

function imageCalls({ unary }: Connection): ImageCalls {
  return {
    listImages: async (options) => {
      const response = await unary(images.listImages, {}, question, options)
      return response.images.map(imageFromWire)
    },
    imageStatus: async (name, options) => {
      const input = { image: { image: name } }
      const { image } = await unary(images.imageStatus, input, question, options)
      return image === undefined ? undefined : imageFromWire(image)
    },
    pullImage: async (name, auth, options) => {
      const input = { image: { image: name }, ...(auth === undefined ? {} : { auth: { ...auth } }) }
      return (await unary(images.pullImage, input, pull, options)).imageRef
    },
    removeImage: async (name, options) => {
      await unary(images.removeImage, { image: { image: name } }, lifecycle, options)
    },
  }
}

function answered<T>(part: T | undefined, call: string): T {
  if (part !== undefined) return part
  throw new CriError(call, 'unknown', 'later', `the runtime answered ${call} without a status`)
}
