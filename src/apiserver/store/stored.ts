import { printObject, type KubeObject } from '../kube-object.ts'

/** One version of an object with its JSON, printed once and shared by every answer and watcher. */
export interface Stored {
  readonly key: string
  readonly version: number
  readonly object: KubeObject
  readonly json: string
}

/** A committed change of one object. `previous` is absent when the object is new. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly version: number
  /** Milliseconds since 1970 at the commit. */
  readonly at: number
  readonly current: Stored
  readonly previous?: Stored
}

/** Gives `object` the resourceVersion and prints it. */
export function makeStored(key: string, object: KubeObject, version: number): Stored {
  const metadata = { ...object.metadata, resourceVersion: String(version) }
  const versioned: KubeObject = { ...object, metadata }
  return { key, version, object: versioned, json: printObject(versioned) }
}

/** An object as it was read from disk. */
export function readStored(key: string, json: string): Stored {
  const object = JSON.parse(json) as KubeObject
  return { key, version: Number(object.metadata.resourceVersion), object, json }
}
