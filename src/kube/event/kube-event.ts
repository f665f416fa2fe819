import { timestamp } from '../../domain/timestamp.ts'
import type { KubeObject } from '../object/kube-object.ts'

/** What an event is about. */
export interface EventSubject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: KubeObject['metadata']
}

export interface EventText {
  readonly type: 'Normal' | 'Warning'
  /** One word in upper camel case: `ResizeStarted`. */
  readonly reason: string
  readonly message: string
  /** Part of the object: `spec.containers{app}`. */
  readonly fieldPath?: string | undefined
}

/** A core/v1 Event, as far as the recorder writes it. */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: Readonly<Record<string, string | undefined>>
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  readonly source: { readonly component: string; readonly host?: string }
  readonly reportingComponent: string
  readonly reportingInstance: string
  readonly eventTime: null
}

/** Who reports events. */
export interface EventReporter {
  /** `kubelet`, `podfit`. */
  readonly component: string
  /** The node it reports from. */
  readonly host?: string
}

/** Events with the same one are one, which is counted. */
export function keyOf(subject: EventSubject, text: EventText): string {
  const { namespace, name, uid } = subject.metadata
  const { type, reason, message, fieldPath } = text
  return JSON.stringify([subject.kind, namespace, name, uid, fieldPath, type, reason, message])
}

/**
 * An event that happened once, at `ms` milliseconds since 1970.
 *
 * @param serial tells apart those of one millisecond.
 */
export function newEvent(
  subject: EventSubject,
  text: EventText,
  { component, host }: EventReporter,
  { ms, serial }: { readonly ms: number; readonly serial: number },
): KubeEvent {
  const { type, reason, message, fieldPath } = text
  const at = timestamp(ms)
  const { name, namespace = 'default' } = subject.metadata
  return {
    metadata: { name: `${name}.${nameEnd(ms, serial)}`, namespace },
    involvedObject: involvedObject(subject, fieldPath),
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: at,
    lastTimestamp: at,
    source: host === undefined ? { component } : { component, host },
    reportingComponent: component,
    reportingInstance: host ?? '',
    eventTime: null,
  }
}

/** Nanoseconds since 1970 in hex, as client-go, kept apart by counting. */
function nameEnd(ms: number, serial: number): string {
  return (BigInt(ms) * 1_000_000n + BigInt(serial % 1_000_000)).toString(16)
}

function involvedObject({ apiVersion, kind, metadata }: EventSubject, fieldPath?: string) {
  const { namespace, name, uid, resourceVersion } = metadata
  return { kind, namespace, name, uid, apiVersion, resourceVersion, fieldPath }
}
