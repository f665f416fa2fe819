import type { KubeList, KubeObject } from '../object/kube-object.ts'
import type { Patch } from '../object/patch.ts'
import type { ObjectAddress } from '../object/paths.ts'
import type { KubeResource } from '../object/resource.ts'
import type { WatchEvent } from '../object/watch-event.ts'
import type { Status } from './kube-error.ts'
import type { Outgoing } from './send.ts'

export interface Call {
  readonly signal?: AbortSignal | undefined
}

export interface Selection extends Call {
  /** Without it: all namespaces. */
  readonly namespace?: string | undefined
  /** `app=web,tier!=db` */
  readonly labelSelector?: string | undefined
  /** `spec.nodeName=n1` */
  readonly fieldSelector?: string | undefined
  /** The state to start from: unset is the latest, `0` any that the server has at hand. */
  readonly resourceVersion?: string | undefined
}

export interface ListOptions extends Selection {
  /** The largest page; the server may give fewer. */
  readonly limit?: number | undefined
  readonly continue?: string | undefined
}

export interface WatchOptions extends Selection {
  readonly allowWatchBookmarks?: boolean | undefined
  /** After this the server ends the watch. */
  readonly timeoutSeconds?: number | undefined
}

export interface WriteOptions extends Call {
  /** Decide and answer, but keep nothing. */
  readonly dryRun?: boolean | undefined
  readonly fieldManager?: string | undefined
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore' | undefined
  /** Server-side apply: take fields away from other managers. */
  readonly force?: boolean | undefined
}

export interface CreateOptions extends WriteOptions {
  /** @default the object's own */
  readonly namespace?: string | undefined
}

export interface DeleteOptions extends Call {
  readonly dryRun?: boolean | undefined
  readonly gracePeriodSeconds?: number | undefined
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined
  /** Only if it is still this object. */
  readonly uid?: string | undefined
}

export interface LogOptions extends Call {
  readonly container?: string | undefined
  readonly follow?: boolean | undefined
  readonly previous?: boolean | undefined
  readonly tailLines?: number | undefined
  readonly sinceSeconds?: number | undefined
  readonly timestamps?: boolean | undefined
}

/**
 * A client of one Kubernetes API server. All calls throw a `KubeError` when the server
 * refuses or cannot be reached, and the reason of their `signal` when it aborts.
 */
export interface KubeClient {
  /** Base URL, for messages. */
  readonly server: string
  get<T extends KubeObject>(
    resource: KubeResource<T>,
    address: ObjectAddress,
    call?: Call,
  ): Promise<T>
  list<T extends KubeObject>(resource: KubeResource<T>, options?: ListOptions): Promise<KubeList<T>>
  create<T extends KubeObject>(
    resource: KubeResource<T>,
    object: T,
    options?: CreateOptions,
  ): Promise<T>
  /** Replaces the object. With its `resourceVersion` set, only if nobody changed it since (409 Conflict). */
  update<T extends KubeObject>(
    resource: KubeResource<T>,
    address: ObjectAddress,
    object: T,
    options?: WriteOptions,
  ): Promise<T>
  patch<T extends KubeObject>(
    resource: KubeResource<T>,
    address: ObjectAddress,
    patch: Patch,
    options?: WriteOptions,
  ): Promise<T>
  /** Gives the object while it is being deleted, or a Status when it is gone. */
  delete(
    resource: KubeResource,
    address: ObjectAddress,
    options?: DeleteOptions,
  ): Promise<KubeObject | Status>
  /**
   * Changes as they happen. Ends when the server ends the watch or `signal` aborts.
   * `list` and a watch from its `resourceVersion` leave no gap; an informer does both and goes on.
   *
   * @throws KubeError also for an error in the stream: code 410 when the server no longer has that version.
   */
  watch<T extends KubeObject>(
    resource: KubeResource<T>,
    options?: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>>
  /** A container's log as it is. */
  logs(address: ObjectAddress, options?: LogOptions): Promise<ReadableStream<Uint8Array>>
  /** Any other request: discovery, reviews, tables. */
  request(outgoing: Outgoing): Promise<Response>
}
