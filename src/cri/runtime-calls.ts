import type { Connection } from './connection.ts'
import { isCriError } from './cri-error.ts'
import type { RuntimeCalls } from './cri-runtime.ts'
import { CgroupDriver, RuntimeService } from './generated/runtime/v1/service_pb.ts'

const runtime = RuntimeService.method

export function runtimeCalls({ unary, deadlines }: Connection): RuntimeCalls {
  const { question } = deadlines
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
  }
}
