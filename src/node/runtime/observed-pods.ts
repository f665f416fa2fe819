import { setTimeout as sleep } from 'node:timers/promises'
import {
  nothingObserved,
  type ObservedContainer,
  type ObservedPod,
} from '../../domain/lifecycle/observed.ts'
import { podUidLabel } from './labels.ts'
import { LatestAnswers } from './latest-answers.ts'
import { observedContainer, observedSandbox } from './observed-status.ts'
import type {
  ContainerEvent,
  ContainerRuntime,
  RuntimeContainerStatus,
} from './container-runtime.ts'

const exitRetryMs = 10
const exitTries = 100

/** What an id of the runtime names, and whose it is. */
interface Owned {
  readonly uid: string
  readonly kind: 'sandbox' | 'container'
  /** Of a container: the sandbox that it is in. Its own status does not tell. */
  readonly sandboxId?: string | undefined
  /** Whether somebody has it started and looks at it when the runtime has answered. */
  readonly isAwaited?: boolean
}

/**
 * What the runtime was last seen to have, by pod UID: read whole at the start
 * and after a broken event stream, then kept up to date container by container
 * from events and from what the node itself did. So a resize asks the runtime
 * nothing before it acts.
 */
export class ObservedPods {
  readonly #runtime: ContainerRuntime
  /** Only what carries these labels is this node's; a runtime may have other users. */
  readonly #labels: Readonly<Record<string, string>>
  /** Whether a container's start was asked for and not answered. */
  readonly #isStarting: (id: string) => boolean
  /** What a container that has ended left as its message. */
  readonly #lastWords: (uid: string, status: RuntimeContainerStatus) => string
  readonly #pods = new Map<string, ObservedPod>()
  /** By container or sandbox id. */
  readonly #owned = new Map<string, Owned>()
  readonly #answers = new LatestAnswers()
  /** Ids that an event told to have exited, and that the runtime still says to run. */
  readonly #leaving = new Set<string>()

  constructor(
    runtime: ContainerRuntime,
    labels: Readonly<Record<string, string>>,
    isStarting: (id: string) => boolean,
    lastWords: (uid: string, status: RuntimeContainerStatus) => string,
  ) {
    this.#runtime = runtime
    this.#labels = labels
    this.#isStarting = isStarting
    this.#lastWords = lastWords
  }

  get(uid: string): ObservedPod {
    return this.#pods.get(uid) ?? nothingObserved
  }

  /** Every pod that has a sandbox or a container. */
  uids(): readonly string[] {
    return [...this.#pods.keys()]
  }

  /** The pod that a container or sandbox belongs to, if it is one of this node's. */
  owner(id: string): string | undefined {
    return this.#owned.get(id)?.uid
  }

  /** Whether an event tells of what its pod's own run does, and looks at by itself. */
  isAwaited({ kind, containerId: id }: ContainerEvent): boolean {
    return (kind === 'created' || kind === 'started') && this.#owned.get(id)?.isAwaited === true
  }

  /** A container or sandbox was made for this pod: its events count from now on. */
  adopt(id: string, owned: Owned): void {
    this.#owned.set(id, owned)
  }

  /**
   * Reads everything anew. Returns the pods whose picture changed. What was known
   * stays until the runtime says that it is gone, so nobody takes a list that is
   * still being read, or that broke off, for an empty machine.
   */
  async relist(): Promise<readonly string[]> {
    return this.#changedBy((before) => this.#refreshListed({}, before))
  }

  /**
   * Looks at what is listed otherwise than it is known: what no event told, or what could
   * not be looked at then. Two calls if there is nothing.
   *
   * @returns the pods whose picture changed, and whether the runtime is at one with its events
   */
  async catchUp(): Promise<{ readonly changed: readonly string[]; readonly settled: boolean }> {
    const look = (before: ReadonlyMap<string, ObservedPod>) =>
      this.#refreshListed({}, before, this.#isKnownAs)
    const changed = await this.#changedBy(look)
    return { changed, settled: this.#leaving.size === 0 }
  }

  async #changedBy(
    look: (before: ReadonlyMap<string, ObservedPod>) => Promise<void>,
  ): Promise<readonly string[]> {
    const before = new Map(this.#pods)
    await look(before)
    const uids = new Set([...before.keys(), ...this.#pods.keys()])
    return [...uids].filter(
      (uid) => JSON.stringify(before.get(uid)) !== JSON.stringify(this.#pods.get(uid)),
    )
  }

  /** Whether that is the state in which it was seen last. */
  readonly #isKnownAs = ({ uid, kind }: Owned, id: string, state: string): boolean => {
    const { sandboxes, containers } = this.get(uid)
    if (kind === 'container') return containers.find((one) => one.id === id)?.state === state
    return sandboxes.find((one) => one.id === id)?.ready === (state === 'ready')
  }

  /**
   * Reads one pod anew: what a call that broke off has made after all is known
   * to the runtime only.
   */
  async refreshPod(uid: string): Promise<void> {
    await this.#refreshListed({ [podUidLabel]: uid }, new Map([[uid, this.get(uid)]]))
  }

  /** Looks at all that the runtime lists, but what `isFine`, and at all that was known and is listed no more. */
  async #refreshListed(
    labels: Readonly<Record<string, string>>,
    known: ReadonlyMap<string, ObservedPod>,
    isFine: (owned: Owned, id: string, state: string) => boolean = () => false,
  ): Promise<void> {
    const filter = { labels: { ...this.#labels, ...labels } }
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(filter),
      this.#runtime.listContainers(filter),
    ])
    const owners = new Map<string, Owned>()
    for (const [uid, pod] of known) {
      for (const { id } of pod.sandboxes) owners.set(id, { uid, kind: 'sandbox' })
      for (const { id, sandboxId } of pod.containers) {
        owners.set(id, { uid, kind: 'container', sandboxId })
      }
    }
    const listed = [
      ...sandboxes.map(({ id, state, labels, metadata }) => {
        return { id, state, kind: 'sandbox' as const, uid: labels[podUidLabel] ?? metadata.uid }
      }),
      ...containers.map(({ id, state, labels, podSandboxId: sandboxId }) => {
        const uid = labels[podUidLabel] ?? ''
        return { id, state, kind: 'container' as const, uid, sandboxId }
      }),
    ]
    for (const { id, state, ...owned } of listed) {
      if (isFine(owned, id, state)) owners.delete(id)
      else owners.set(id, owned)
    }
    await Promise.all([...owners].map(([id, owned]) => this.#refresh(owned, id)))
  }

  async #refresh({ uid, kind, sandboxId }: Owned, id: string): Promise<void> {
    await (kind === 'sandbox'
      ? this.refreshSandbox(uid, id)
      : this.refreshContainer(uid, id, sandboxId))
    if (!this.#runs(uid, id)) this.#leaving.delete(id)
  }

  /** Asks the runtime about one container; forgets it if it is gone. */
  async refreshContainer(
    uid: string,
    id: string,
    sandboxId = this.#owned.get(id)?.sandboxId,
  ): Promise<void> {
    const answer = await this.#answers.ask(id, () => this.#runtime.containerStatus(id))
    if (answer === undefined) return
    const { status } = answer
    const pod = this.get(uid)
    const others = pod.containers.filter((one) => one.id !== id)
    this.#owned.delete(id)
    if (status !== undefined) this.adopt(id, { uid, kind: 'container', sandboxId })
    const mine = status === undefined ? [] : [this.#observedContainer(uid, status, sandboxId)]
    this.#set(uid, { ...pod, containers: newestFirst([...others, ...mine]) })
  }

  /**
   * The runtime told of a container or sandbox; nothing happens if it is not one of this node's.
   *
   * @returns false if the runtime has not said by itself, in time, what its event told
   */
  async refreshAfter({ kind, containerId: id }: ContainerEvent): Promise<boolean> {
    // A sandbox is told of before anybody has looked at it: asked as a container it would be gone.
    const owned = this.#owned.get(id)
    if (owned === undefined) return true
    if (kind === 'exited') return this.#refreshExited(owned, id)
    await this.#refresh(owned, id)
    return true
  }

  /**
   * The runtime told that the first process has exited. containerd's own status says
   * so up to 60 ms later than its event (1.6 to 2.1), so it is asked until it does.
   */
  async #refreshExited(owned: Owned, id: string): Promise<boolean> {
    this.#leaving.add(id)
    for (let tries = 0; tries < exitTries; tries += 1) {
      await this.#refresh(owned, id)
      if (!this.#leaving.has(id)) return true
      await sleep(exitRetryMs)
    }
    return false
  }

  #runs(uid: string, id: string): boolean {
    const { sandboxes, containers } = this.get(uid)
    if (sandboxes.some((one) => one.id === id && one.ready)) return true
    return containers.some((one) => one.id === id && one.state !== 'exited')
  }

  /** Asks the runtime about one sandbox; forgets it if it is gone. */
  async refreshSandbox(uid: string, id: string): Promise<void> {
    const answer = await this.#answers.ask(id, () => this.#runtime.podSandboxStatus(id))
    if (answer === undefined) return
    const { status } = answer
    const pod = this.get(uid)
    const others = pod.sandboxes.filter((one) => one.id !== id)
    this.#owned.delete(id)
    if (status !== undefined) this.adopt(id, { uid, kind: 'sandbox' })
    const mine = status === undefined ? [] : [observedSandbox(status)]
    this.#set(uid, { ...pod, sandboxes: newestFirst([...others, ...mine]) })
  }

  /** A start that broke off has not been: the container is as it was before. */
  #observedContainer(
    uid: string,
    status: RuntimeContainerStatus,
    sandboxId: string | undefined,
  ): ObservedContainer {
    const words = status.state === 'exited' ? this.#lastWords(uid, status) : ''
    const seen = observedContainer(status, words, sandboxId)
    if (seen.state !== 'exited' || seen.startedAt !== undefined) return seen
    if (!this.#isStarting(seen.id)) return seen
    const { finishedAt: _at, exitCode: _code, reason: _why, message: _text, ...created } = seen
    return { ...created, state: 'created' }
  }

  #set(uid: string, pod: ObservedPod): void {
    if (pod.sandboxes.length + pod.containers.length === 0) this.#pods.delete(uid)
    else this.#pods.set(uid, pod)
  }
}

/** By their numbers before the clock, which may have been put back. */
function newestFirst<T extends { readonly attempt: number; readonly createdAt: number }>(
  all: readonly T[],
): readonly T[] {
  return all.toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)
}
