import type { Connection } from './connection.ts'
import type { ContainerEvent } from './container-event.ts'
import {
  ContainerEventType,
  RuntimeService,
  type ContainerEventResponse,
} from './generated/runtime/v1/service_pb.ts'
import { timestampFrom } from './wire-time.ts'

/**
 * Container events from CRI.
 *
 * @throws CriError `unimplemented` if the runtime has none (containerd before 1.7)
 */
export async function* watchCriEvents(
  connection: Connection,
  signal?: AbortSignal,
): AsyncIterable<ContainerEvent> {
  yield { kind: 'subscribed', source: 'cri' }
  for await (const wire of connection.stream(
    RuntimeService.method.getContainerEvents,
    {},
    signal,
  )) {
    const event = eventFromCri(wire)
    if (event !== undefined) yield event
  }
}

function eventFromCri(wire: ContainerEventResponse): ContainerEvent | undefined {
  const { containerId } = wire
  const at = timestampFrom(wire.createdAt) ?? Date.now()
  switch (wire.containerEventType) {
    case ContainerEventType.CONTAINER_CREATED_EVENT:
      return { kind: 'created', containerId, at }
    case ContainerEventType.CONTAINER_STARTED_EVENT:
      return { kind: 'started', containerId, at }
    case ContainerEventType.CONTAINER_STOPPED_EVENT:
      return { kind: 'exited', containerId, at }
    case ContainerEventType.CONTAINER_DELETED_EVENT:
      return { kind: 'deleted', containerId, at }
    default:
      return undefined
  }
}
