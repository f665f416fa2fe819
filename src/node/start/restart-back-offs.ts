import { type CrashBackOff, nextBackOff } from '../../domain/lifecycle/crash-back-off.ts'

/** The crash back-offs of all containers on this node. They do not live through a restart, as a kubelet's do not. */
export class RestartBackOffs {
  readonly #byPod = new Map<string, Map<string, CrashBackOff>>()

  of(uid: string): ReadonlyMap<string, CrashBackOff> {
    return this.#byPod.get(uid) ?? new Map()
  }

  /** The container starts again after an exit: the next restart will wait longer. */
  lengthen(uid: string, container: string, finishedAt: number, now: number): void {
    const pod = this.#byPod.get(uid) ?? new Map<string, CrashBackOff>()
    pod.set(container, nextBackOff(pod.get(container), finishedAt, now))
    this.#byPod.set(uid, pod)
  }

  /** The next restart is immediate: its size or image is another one. */
  reset(uid: string, container: string): void {
    this.#byPod.get(uid)?.delete(container)
  }

  forget(uid: string): void {
    this.#byPod.delete(uid)
  }
}
