import { setTimeout as sleep } from 'node:timers/promises'
import type { ObservedPod } from '../../domain/lifecycle/observed.ts'
import { podUidLabel } from './labels.ts'
import { LatestAnswers } from './latest-answers.ts'
import { isAsSeen, type Listed, listRuntime } from './list-runtime.ts'
import { observedContainer, observedSandbox, unstarted } from './observed-status.ts'
import { type Owned, PodPicture } from './pod-picture.ts'
import type { ContainerRuntime } from './container-runtime.ts'
import type { RuntimeContainerStatus } from './runtime-container.ts'
import type { ContainerEvent } from './runtime-event.ts'

const exitRetryMs = 10
const exitTries = 100

export interface ObservedPodsOptions {
  readonly runtime: ContainerRuntime
  /** Only what carries these labels is this node's; a runtime may have other users. */
  readonly labels: Readonly<Record<string, string>>
  /** Whether a container's start was asked for and not answered. */
  readonly isStarting: (id: string) => boolean
  /** What a container that has ended left as its message. */
  readonly lastWords: (uid: string, status: RuntimeContainerStatus) => string
}

/**
 * What the runtime was last seen to have, by pod UID: read whole at the start
 * and after a broken event stream, then kept up to date container by container
 * from events and from what the node itself did. So a resize asks the runtime
 * nothing before it acts.
 */
export class ObservedPods {
  readonly #options: ObservedPodsOptions
  readonly #picture = new PodPicture()
  readonly #answers = new LatestAnswers()
  /** Ids that an event told to have exited, and that the runtime still says to run. */
  readonly #leaving = new Set<string>()

  constructor(options: ObservedPodsOptions) {
    this.#options = options
  }

  get(uid: string): ObservedPod {
    return this.#picture.get(uid)
  }

  /** Every pod that has a sandbox or a container. */
  uids(): readonly string[] {
    return [...this.#picture.all().keys()]
  }

  /** The pod that a container or sandbox belongs to, if it is one of this node's. */
  owner(id: string): string | undefined {
    return this.#picture.owned(id)?.uid
  }

  /** Whether an event tells of what its pod's own run does, and looks at by itself. */
  isAwaited({ kind, containerId: id }: ContainerEvent): boolean {
    return (kind === 'created' || kind === 'started') && this.#picture.owned(id)?.isAwaited === true
  }

  /** A container or sandbox was made for this pod: its events count from now on. */
  adopt(id: string, owned: Owned): void {
    this.#picture.adopt(id, owned)
  }

  /**
   * Reads everything anew. Returns the pods whose picture changed. What was known
   * stays until the runtime says that it is gone, so nobody takes a list that is
   * still being read, or that broke off, for an empty machine.
   */
  async relist(): Promise<readonly string[]> {
    const before = this.#picture.all()
    await this.#refreshListed({}, before)
    return this.#picture.changedSince(before)
  }

  /**
   * Looks at what is listed otherwise than it is known: what no event told, or what could
   * not be looked at then. Two calls if there is nothing.
   *
   * @returns the pods whose picture changed, and whether the runtime is at one with its events
   */
  async catchUp(): Promise<{ readonly changed: readonly string[]; readonly settled: boolean }> {
    const before = this.#picture.all()
    await this.#refreshListed({}, before, (listed) => isAsSeen(this.get(listed.uid), listed))
    return { changed: this.#picture.changedSince(before), settled: this.#leaving.size === 0 }
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
    more: Readonly<Record<string, string>>,
    known: ReadonlyMap<string, ObservedPod>,
    isFine: (listed: Listed) => boolean = () => false,
  ): Promise<void> {
    const { runtime, labels } = this.#options
    const owners = ownersIn(known)
    for (const listed of await listRuntime(runtime, { ...labels, ...more })) {
      if (isFine(listed)) owners.delete(listed.id)
      else owners.set(listed.id, listed)
    }
    await Promise.all([...owners].map(([id, owned]) => this.#refresh(owned, id)))
  }

  async #refresh({ uid, kind, sandboxId }: Owned, id: string): Promise<void> {
    await (kind === 'sandbox'
      ? this.refreshSandbox(uid, id)
      : this.refreshContainer(uid, id, sandboxId))
    if (!this.#picture.runs(uid, id)) this.#leaving.delete(id)
  }

  /** Asks the runtime about one container; forgets it if it is gone. */
  async refreshContainer(
    uid: string,
    id: string,
    sandboxId = this.#picture.owned(id)?.sandboxId,
  ): Promise<void> {
    const { runtime, isStarting, lastWords } = this.#options
    const answer = await this.#answers.ask(id, () => runtime.containerStatus(id))
    if (answer === undefined) return
    const { status } = answer
    if (status === undefined) return this.#picture.setContainer(uid, id, undefined)
    const words = status.state === 'exited' ? lastWords(uid, status) : ''
    const seen = observedContainer(status, words, sandboxId)
    this.#picture.setContainer(uid, id, isStarting(id) ? unstarted(seen) : seen)
  }

  /** Asks the runtime about one sandbox; forgets it if it is gone. */
  async refreshSandbox(uid: string, id: string): Promise<void> {
    const answer = await this.#answers.ask(id, () => this.#options.runtime.podSandboxStatus(id))
    if (answer === undefined) return
    this.#picture.setSandbox(uid, id, answer.status && observedSandbox(answer.status))
  }

  /**
   * The runtime told of a container or sandbox; nothing happens if it is not one of this node's.
   *
   * @returns false if the runtime has not said by itself, in time, what its event told
   */
  async refreshAfter({ kind, containerId: id }: ContainerEvent): Promise<boolean> {
    // A sandbox is told of before anybody has looked at it: asked as a container it would be gone.
    const owned = this.#picture.owned(id)
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
}

function ownersIn(known: ReadonlyMap<string, ObservedPod>): Map<string, Owned> {
  const owners = new Map<string, Owned>()
  for (const [uid, pod] of known) {
    for (const { id } of pod.sandboxes) owners.set(id, { uid, kind: 'sandbox' })
    for (const { id, sandboxId } of pod.containers) {
      owners.set(id, { uid, kind: 'container', sandboxId })
    }
  }
  return owners
}
