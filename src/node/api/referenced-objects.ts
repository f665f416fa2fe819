import {
  contentsOf,
  type Contents,
  type LookUp,
  type Reference,
  type ReferencedObject,
  referencesOf,
} from '../../domain/lifecycle/reference.ts'
import type { Pod } from '../../domain/pod.ts'

/** Follows one ConfigMap or Secret of the API. */
export interface ObjectSource {
  /**
   * Calls `onChange` with the object whenever it changes, with undefined when it
   * is gone. Resolves when the first state is known.
   */
  follow(
    reference: Reference & { readonly namespace: string },
    onChange: (object: ReferencedObject | undefined) => void,
    signal: AbortSignal,
  ): Promise<void>
}

interface Followed {
  readonly users: Set<string>
  readonly known: Promise<void>
  readonly stop: AbortController
  contents: Contents | undefined
}

/**
 * The ConfigMaps and Secrets that pods on this node name, each followed once for
 * as long as a pod names it (a kubelet's watching manager). A change wakes the pods.
 */
export class ReferencedObjects implements Disposable {
  readonly #source: ObjectSource
  readonly #wake: (uid: string) => void
  readonly #followed = new Map<string, Followed>()
  readonly #byPod = new Map<string, readonly string[]>()

  constructor(source: ObjectSource, wake: (uid: string) => void) {
    this.#source = source
    this.#wake = wake
  }

  /** Follows all that the pod names; resolves when it is known what is there. */
  async follow(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? ''
    // References are in parts of the spec that never change.
    const keys = this.#byPod.get(uid) ?? this.#begin(pod)
    for (const key of keys) await this.#followed.get(key)?.known
  }

  lookUp({ metadata }: Pod): LookUp {
    return (reference) => this.#followed.get(keyOf(metadata.namespace, reference))?.contents
  }

  forget(uid: string): void {
    for (const key of this.#byPod.get(uid) ?? []) {
      const followed = this.#followed.get(key)
      followed?.users.delete(uid)
      if (followed?.users.size !== 0) continue
      followed.stop.abort()
      this.#followed.delete(key)
    }
    this.#byPod.delete(uid)
  }

  [Symbol.dispose](): void {
    for (const { stop } of this.#followed.values()) stop.abort()
    this.#followed.clear()
  }

  #begin({ metadata, spec }: Pod): readonly string[] {
    const uid = metadata.uid ?? ''
    const keys = referencesOf(spec).map((reference) => {
      const key = keyOf(metadata.namespace, reference)
      const followed = this.#followed.get(key) ?? this.#start(key, metadata.namespace, reference)
      followed.users.add(uid)
      return key
    })
    this.#byPod.set(uid, keys)
    return keys
  }

  #start(key: string, namespace = 'default', reference: Reference): Followed {
    const stop = new AbortController()
    const onChange = (object: ReferencedObject | undefined): void => {
      followed.contents = object === undefined ? undefined : contentsOf(reference.kind, object)
      for (const uid of followed.users) this.#wake(uid)
    }
    const known = this.#source
      .follow({ ...reference, namespace }, onChange, stop.signal)
      // It ends unknown only when nobody asks any more.
      .catch(() => {})
    const followed: Followed = { users: new Set(), stop, known, contents: undefined }
    this.#followed.set(key, followed)
    return followed
  }
}

function keyOf(namespace = 'default', { kind, name }: Reference): string {
  return `${kind}/${namespace}/${name}`
}
