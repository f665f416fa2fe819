import { fromBinary } from '@bufbuild/protobuf'
import { timestampMs } from '@bufbuild/protobuf/wkt'
import { setTimeout } from 'node:timers/promises'
import type { Connection } from '../connection/connection.ts'
import {
  TaskDeleteSchema,
  TaskExitSchema,
  TaskOOMSchema,
} from '../generated/containerd/events/task_pb.ts'
import { Events, type Envelope } from '../generated/containerd/services/events/v1/events_pb.ts'
import type { ContainerEvent } from './container-event.ts'

/** The containerd namespace in which its CRI plugin keeps pods. */
const namespace = 'k8s.io'
const markTopic = '/podfit/subscribed'

/**
 * Container events from containerd's own service.
 *
 * @throws CriError `unimplemented` if this is not containerd
 */
export async function* watchContainerdEvents(
  connection: Connection,
  signal?: AbortSignal,
): AsyncIterable<ContainerEvent> {
  const filters = [
    `namespace==${namespace},topic~=|^/tasks/|`,
    `namespace==${namespace},topic=="${markTopic}"`,
  ]
  const ended = new AbortController()
  const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal])
  const marked = new AbortController()
  const marking = markUntil(connection, AbortSignal.any([either, marked.signal]))
  try {
    for await (const envelope of connection.stream(Events.method.subscribe, { filters }, either)) {
      if (envelope.topic === markTopic) {
        if (!marked.signal.aborted) yield { kind: 'subscribed', source: 'containerd' }
        marked.abort()
      } else {
        const event = eventFromEnvelope(envelope)
        if (event !== undefined) yield event
      }
    }
  } finally {
    ended.abort()
    await marking
  }
}

/**
 * Publishes a mark of our own, by which the stream tells that it stands:
 * containerd answers a subscription no sooner than with its first event. The
 * mark is sent again until it comes back, because it may overtake the
 * subscription, or fail while the runtime is busy.
 */
async function markUntil(connection: Connection, signal: AbortSignal): Promise<void> {
  const header = { 'containerd-namespace': namespace }
  const event = { typeUrl: 'podfit.dev/subscribed', value: new Uint8Array() }
  const input = { topic: markTopic, event }
  // What is broken or unknown to this runtime ends the stream, too, which tells of it.
  const ignore = () => {}
  while (!signal.aborted) {
    await connection.unary(Events.method.publish, input, 5000, { signal }, header).catch(ignore)
    await setTimeout(20, undefined, { signal }).catch(ignore)
  }
}

function eventFromEnvelope(envelope: Envelope): ContainerEvent | undefined {
  const bytes = envelope.event?.value ?? new Uint8Array()
  const at = envelope.timestamp === undefined ? Date.now() : timestampMs(envelope.timestamp)
  switch (envelope.topic) {
    case '/tasks/create':
      return { kind: 'created', containerId: containerIdIn(bytes), at }
    case '/tasks/start':
      return { kind: 'started', containerId: containerIdIn(bytes), at }
    case '/tasks/oom':
      return { kind: 'oom', containerId: containerIdIn(bytes), at }
    case '/tasks/exit':
      return exited(bytes, at)
    case '/tasks/delete':
      return deleted(bytes, at)
    default:
      return undefined
  }
}

/** The first field of every task event; the others are skipped as unknown. */
function containerIdIn(bytes: Uint8Array): string {
  return fromBinary(TaskOOMSchema, bytes).containerId
}

function exited(bytes: Uint8Array, at: number): ContainerEvent | undefined {
  const { containerId, id, exitStatus, exitedAt } = fromBinary(TaskExitSchema, bytes)
  if (id !== containerId) return undefined
  const when = exitedAt === undefined ? at : timestampMs(exitedAt)
  return { kind: 'exited', containerId, exitCode: exitStatus, at: when }
}

function deleted(bytes: Uint8Array, at: number): ContainerEvent | undefined {
  const { containerId, id } = fromBinary(TaskDeleteSchema, bytes)
  return id === '' || id === containerId ? { kind: 'deleted', containerId, at } : undefined
}
