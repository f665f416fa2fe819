import { type ConnectionOptions, openConnection } from './connection/connection.ts'
import { containerCalls } from './container/container-calls.ts'
import type { CriRuntime } from './cri-runtime.ts'
import { watchContainerEvents } from './event/watch-container-events.ts'
import { imageCalls } from './image/image-calls.ts'
import { runtimeCalls } from './runtime-calls.ts'
import { sandboxCalls } from './sandbox/sandbox-calls.ts'
import { streamingCalls } from './streaming/streaming-calls.ts'

export interface CriRuntimeOptions extends ConnectionOptions {
  readonly endpoint: string
}

/**
 * A client of the runtime at `endpoint` (`unix:///PATH` or an absolute path).
 * Nothing is opened before the first call, and the runtime need not run yet.
 */
export function createCriRuntime({ endpoint, ...options }: CriRuntimeOptions): CriRuntime {
  const connection = openConnection(endpoint, options)
  return {
    ...runtimeCalls(connection),
    ...sandboxCalls(connection),
    ...containerCalls(connection),
    ...streamingCalls(connection),
    ...imageCalls(connection),
    watchContainerEvents: ({ signal } = {}) => watchContainerEvents(connection, signal),
    close: connection.close,
    [Symbol.dispose]: connection.close,
  }
}
