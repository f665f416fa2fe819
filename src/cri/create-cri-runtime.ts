import { openConnection } from './connection.ts'
import { containerCalls } from './container-calls.ts'
import type { CriRuntime } from './cri-runtime.ts'
import { imageCalls } from './image-calls.ts'
import { runtimeCalls } from './runtime-calls.ts'
import { sandboxCalls } from './sandbox-calls.ts'
import { streamingCalls } from './streaming-calls.ts'
import { watchContainerEvents } from './watch-container-events.ts'

/**
 * A client of the runtime at `endpoint` (`unix:///PATH` or an absolute path).
 * Nothing is opened before the first call, and the runtime need not run yet.
 */
export function createCriRuntime({ endpoint }: { readonly endpoint: string }): CriRuntime {
  const connection = openConnection(endpoint)
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
