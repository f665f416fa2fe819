import type { CallOptions, Connection } from '../connection/connection.ts'
import { RuntimeService } from '../generated/runtime/v1/service_pb.ts'
import { streamsToWire, type ExecSyncResult, type Streams } from './streaming.ts'

/** Processes and connections in containers. The URLs are good for one use within a minute. */
export interface StreamingCalls {
  /**
   * Runs a command to its end. `timeoutSeconds` 0 is no limit.
   *
   * @throws CriError `deadlineExceeded` after `timeoutSeconds`
   */
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds?: number,
    options?: CallOptions,
  ): Promise<ExecSyncResult>
  exec(
    id: string,
    command: readonly string[],
    streams: Streams,
    options?: CallOptions,
  ): Promise<URL>
  attach(id: string, streams: Streams, options?: CallOptions): Promise<URL>
  portForward(podSandboxId: string, ports: readonly number[], options?: CallOptions): Promise<URL>
}

const runtime = RuntimeService.method

export function streamingCalls({ unary, deadlines }: Connection): StreamingCalls {
  const { patience, question } = deadlines
  return {
    execSync: async (containerId, command, timeoutSeconds = 0, options) => {
      const deadline = timeoutSeconds === 0 ? patience : timeoutSeconds * 1000 + question
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
