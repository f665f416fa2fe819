import type { Connection } from '../connection/connection.ts'
import {
  ContainerEventType,
  RuntimeService,
  type ContainerEventResponse,
} from '../generated/runtime/v1/service_pb.ts'
import { timestampFrom } from '../wire-time.ts'
import type { ContainerEvent } from './container-event.ts'

/**
 * Container events from CRI.
 *
 * A runtime answers with its first event only, so `subscribed` waits for the answer to a
 * question that was sent after the subscription on the same connection: by then the runtime
 * has taken it.
 *
 * @throws CriError `unimplemented` if the runtime has none (containerd before 1.7)
 */
export async function* watchCriEvents(
  connection: Connection,
  signal?: AbortSignal,
): AsyncIterable<ContainerEvent> {
  const { getContainerEvents, version } = RuntimeService.method
  const ended = new AbortController()
  const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
  const events = connection.stream(getContainerEvents, {}, either)[Symbol.asyncIterator]()
  try {
    const first = events.next()
    const { question } = connection.deadlines
    const taken = connection.unary(version, {}, question, { signal: either })
    await Promise.race([taken, first.then(() => taken)])
    yield { kind: 'subscribed', source: 'cri' }
    for (let one = await first; one.done !== true; one = await events.next()) {
      const event = eventFromCri(one.value)
      if (event !== undefined) yield event
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error
  } finally {
    ended.abort()
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
