import type { CallOptions, Connection } from './connection/connection.ts'
import { isCriError } from './connection/cri-error.ts'
import { CgroupDriver, RuntimeService } from './generated/runtime/v1/service_pb.ts'

export interface RuntimeVersion {
  /** `containerd`, `cri-o`. */
  readonly runtimeName: string
  readonly runtimeVersion: string
}

/** `RuntimeReady` and `NetworkReady` must both hold before pods can run. */
export interface RuntimeCondition {
  readonly type: string
  readonly status: boolean
  readonly reason: string
  readonly message: string
}

/** What a runtime tells about itself. */
export interface RuntimeCalls {
  version(options?: CallOptions): Promise<RuntimeVersion>
  runtimeConditions(options?: CallOptions): Promise<RuntimeCondition[]>
  /** Undefined where the runtime does not tell (containerd before 2.0). */
  cgroupDriver(options?: CallOptions): Promise<'cgroupfs' | 'systemd' | undefined>
}

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
