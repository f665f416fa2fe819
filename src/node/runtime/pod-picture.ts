import {
  nothingObserved,
  type ObservedContainer,
  type ObservedPod,
  type ObservedSandbox,
} from '../../domain/lifecycle/observed.ts'

/** What an id of the runtime names, and whose it is. */
export interface Owned {
  readonly uid: string
  readonly kind: 'sandbox' | 'container'
  /** Of a container: the sandbox that it is in. Its own status does not tell. */
  readonly sandboxId?: string | undefined
  /** Whether somebody has it started and looks at it when the runtime has answered. */
  readonly isAwaited?: boolean
}

/** What was last seen of pods, by UID, and whose the ids are that the runtime speaks of. */
export class PodPicture {
  readonly #pods = new Map<string, ObservedPod>()
  /** By container or sandbox id. */
  readonly #owned = new Map<string, Owned>()

  get(uid: string): ObservedPod {
    return this.#pods.get(uid) ?? nothingObserved
  }

  /** Every pod that has a sandbox or a container, as it is now. */
  all(): ReadonlyMap<string, ObservedPod> {
    return new Map(this.#pods)
  }

  /** The pods that look otherwise than they did. */
  changedSince(before: ReadonlyMap<string, ObservedPod>): readonly string[] {
    const uids = new Set([...before.keys(), ...this.#pods.keys()])
    return [...uids].filter(
      (uid) => JSON.stringify(before.get(uid)) !== JSON.stringify(this.#pods.get(uid)),
    )
  }

  /** Undefined for what is not this node's, or not known yet. */
  owned(id: string): Owned | undefined {
    return this.#owned.get(id)
  }

  /** It is there, before anybody has looked at it. */
  adopt(id: string, owned: Owned): void {
    this.#owned.set(id, owned)
  }

  /** @param seen undefined if the sandbox is gone. */
  setSandbox(uid: string, id: string, seen: ObservedSandbox | undefined): void {
    this.#own(id, seen && { uid, kind: 'sandbox' })
    const pod = this.get(uid)
    this.#set(uid, { ...pod, sandboxes: replaced(pod.sandboxes, id, seen) })
  }

  /** @param seen undefined if the container is gone. */
  setContainer(uid: string, id: string, seen: ObservedContainer | undefined): void {
    this.#own(id, seen && { uid, kind: 'container', sandboxId: seen.sandboxId })
    const pod = this.get(uid)
    this.#set(uid, { ...pod, containers: replaced(pod.containers, id, seen) })
  }

  /** Whether the sandbox or container has not ended. */
  runs(uid: string, id: string): boolean {
    const { sandboxes, containers } = this.get(uid)
    if (sandboxes.some((one) => one.id === id && one.ready)) return true
    return containers.some((one) => one.id === id && one.state !== 'exited')
  }

  #own(id: string, owned: Owned | undefined): void {
    if (owned === undefined) this.#owned.delete(id)
    else this.#owned.set(id, owned)
  }

  #set(uid: string, pod: ObservedPod): void {
    if (pod.sandboxes.length + pod.containers.length === 0) this.#pods.delete(uid)
    else this.#pods.set(uid, pod)
  }
}

type Numbered = Pick<ObservedSandbox, 'id' | 'attempt' | 'createdAt'>

/** Newest first: by their numbers before the clock, which may have been put back. */
function replaced<T extends Numbered>(
  all: readonly T[],
  id: string,
  one: T | undefined,
): readonly T[] {
  const others = all.filter((other) => other.id !== id)
  const now = one === undefined ? others : [...others, one]
  return now.toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
}
