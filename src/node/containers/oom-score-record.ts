/** The `oom_score_adj` that this node has given running containers, by pod UID and container name. */
export class OomScoreRecord {
  readonly #byPod = new Map<string, Map<string, { readonly id: string; readonly score: number }>>()

  /** Undefined for a container that was started by an earlier podfit and not seen since. */
  given(uid: string, container: string, id: string): number | undefined {
    const known = this.#byPod.get(uid)?.get(container)
    return known?.id === id ? known.score : undefined
  }

  give(uid: string, container: string, id: string, score: number): void {
    const pod = this.#byPod.get(uid) ?? new Map<string, { id: string; score: number }>()
    pod.set(container, { id, score })
    this.#byPod.set(uid, pod)
  }

  forget(uid: string): void {
    this.#byPod.delete(uid)
  }
}
