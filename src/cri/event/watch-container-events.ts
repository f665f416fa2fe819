import type { Connection } from '../connection/connection.ts'
import type { ContainerEvent } from './container-event.ts'
import { watchContainerdEvents } from './containerd-events.ts'
import { watchCriEvents } from './cri-events.ts'
import { isCriError } from '../connection/cri-error.ts'

/**
 * What happens to the containers of a runtime: from containerd's own event
 * service, which is sooner and tells of OOM kills, else from CRI.
 *
 * @throws CriError when the connection breaks, or `unimplemented` when the
 * runtime has neither (containerd before 1.7 has the first, CRI-O the second)
 */
export async function* watchContainerEvents(
  connection: Connection,
  signal?: AbortSignal,
): AsyncIterable<ContainerEvent> {
  try {
    yield* watchContainerdEvents(connection, signal)
  } catch (error) {
    if (!isCriError(error, 'unimplemented')) throw error
    yield* watchCriEvents(connection, signal)
  }
}
