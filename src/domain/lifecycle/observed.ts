/** What the container runtime says of the containers and sandboxes of one pod. */

/** Milliseconds since 1970. */
export type Instant = number

export interface ObservedContainer {
  readonly id: string
  readonly name: string
  /** The sandbox that it is in, once the runtime has said so. */
  readonly sandboxId?: string
  /** 0 for the first container of this name, one more at each restart. */
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly createdAt: Instant
  readonly startedAt?: Instant
  readonly finishedAt?: Instant
  readonly exitCode?: number
  /** The runtime's word for the exit, such as `Completed`, `Error`, `OOMKilled`. */
  readonly reason?: string
  readonly message?: string
  readonly image: string
  readonly imageId: string
  /** The image as the pod named it when the container was made; unknown of containers of old. */
  readonly requestedImage?: string
}

export interface ObservedSandbox {
  readonly id: string
  /** 0 for the first sandbox of the pod, one more for each that replaces it. */
  readonly attempt: number
  readonly ready: boolean
  readonly createdAt: Instant
  /** Empty for a pod in the host's network. */
  readonly ips: readonly string[]
}

export interface ObservedPod {
  /** Newest first. */
  readonly sandboxes: readonly ObservedSandbox[]
  /** Newest first. */
  readonly containers: readonly ObservedContainer[]
}

export const nothingObserved: ObservedPod = { sandboxes: [], containers: [] }

/** The newest container of that name, if there was one. */
export function latestContainer(pod: ObservedPod, name: string): ObservedContainer | undefined {
  return pod.containers.find((container) => container.name === name)
}

/** The container of that name before the newest one, which `lastState` tells of. */
export function previousContainer(pod: ObservedPod, name: string): ObservedContainer | undefined {
  return pod.containers.filter((container) => container.name === name)[1]
}

/** The sandbox in use: the newest, if it is ready. */
export function readySandbox(pod: ObservedPod): ObservedSandbox | undefined {
  const newest = pod.sandboxes[0]
  return newest?.ready === true ? newest : undefined
}
