import type { Format } from '../answer/negotiate.ts'
import { apiVersion, type Kind } from '../kind/kind.ts'
import { shownStored } from '../kind/other-form.ts'
import { asKubeObject } from '../kube-object.ts'
import type { Status } from '../status-error.ts'
import { makeStored, type Stored, type StoreEvent } from '../store/stored.ts'
import {
  partialMetadata,
  printTable,
  type IncludeObject,
  type MetaVersion,
} from '../table/print.ts'

/** The form of a watch's events. */
export interface EventFormat {
  readonly kind: Kind
  readonly shape: Format['shape']
  readonly metaVersion: MetaVersion
  readonly includeObject: IncludeObject
  readonly now: () => number
}

export type WatchType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** Changes are told one after the other, so the last one is the only one worth keeping. */
let shared: { readonly event: StoreEvent; readonly forms: Map<string, Uint8Array> } | undefined
const encoder = new TextEncoder()

/**
 * One event as a watcher reads it: a line of JSON. Printed once for each form
 * and type and shared by all watchers that want it so, but for a table's `first`
 * line, which has the columns.
 *
 * `type` is what the event means to the watcher: an object that no longer fits
 * its selector is DELETED, shown as it last fitted.
 */
export function eventBytes(
  event: StoreEvent,
  type: WatchType,
  format: EventFormat,
  first: boolean,
): Uint8Array {
  if (first && format.shape === 'table') {
    return storedBytes(shownObject(event, type), type, format, true)
  }
  if (shared?.event !== event) shared = { event, forms: new Map() }
  const { forms } = shared
  const { kind, shape, metaVersion, includeObject } = format
  const name = `${type} ${apiVersion(kind)} ${shape} ${metaVersion} ${includeObject}`
  let bytes = forms.get(name)
  if (bytes === undefined) {
    bytes = storedBytes(shownObject(event, type), type, format, false)
    forms.set(name, bytes)
  }
  return bytes
}

/** An event that is not shared: an initial ADDED. */
export function storedBytes(
  stored: Stored,
  type: WatchType,
  format: EventFormat,
  withColumns: boolean,
): Uint8Array {
  return line(type, body(shownStored(format.kind, stored), format, withColumns))
}

function shownObject(event: StoreEvent, type: WatchType): Stored {
  if (type !== 'DELETED' || event.type === 'DELETED') return event.current
  const last = event.previous ?? event.current
  return makeStored(last.key, last.object, event.version)
}

/**
 * Tells a watcher up to where it has seen everything: an object with nothing but that
 * version, in the form of all the others, as kube-apiserver does it.
 */
export function bookmarkBytes(
  version: number,
  format: EventFormat,
  { first, initialEnd }: { readonly first: boolean; readonly initialEnd: boolean },
): Uint8Array {
  const { kind, shape } = format
  const annotations = { 'k8s.io/initial-events-end': 'true' }
  // Columns look into what every stored object has.
  const metadata = {
    ...(shape === 'table' ? { name: '' } : {}),
    ...(initialEnd ? { annotations } : {}),
  }
  const bare = asKubeObject({ kind: kind.kind, apiVersion: apiVersion(kind), metadata })
  const object = shape === 'table' ? (kind.applyDefaults?.(bare) ?? bare) : bare
  return storedBytes(makeStored('', object, version), 'BOOKMARK', format, first)
}

/** The last event of a watch that cannot go on. */
export function errorBytes(status: Status): Uint8Array {
  return line('ERROR', JSON.stringify(status))
}

function body(stored: Stored, format: EventFormat, withColumns: boolean): string {
  switch (format.shape) {
    case 'object':
      return stored.json
    case 'metadata':
      return JSON.stringify(partialMetadata(stored.object, format.metaVersion))
    case 'table': {
      const { kind, metaVersion, includeObject, now } = format
      const metadata = { resourceVersion: String(stored.version) }
      const options = { now: now(), metaVersion, includeObject, withColumns, metadata }
      return JSON.stringify(printTable(kind.columns, [stored.object], options))
    }
    default:
      return format.shape satisfies never
  }
}

function line(type: WatchType, object: string): Uint8Array {
  return encoder.encode(`{"type":"${type}","object":${object}}\n`)
}
