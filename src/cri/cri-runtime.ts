import type { CallOptions } from './connection.ts'
import type { ContainerConfig } from './container-config.ts'
import type { ContainerEvent } from './container-event.ts'
import type { ContainerStats } from './container-stats.ts'
import type { ContainerFilter, ContainerStatus, ContainerSummary } from './container-status.ts'
import type { Image, RegistryAuth } from './image.ts'
import type { LinuxContainerResources } from './linux-resources.ts'
import type {
  PodSandbox,
  PodSandboxConfig,
  PodSandboxFilter,
  PodSandboxStatus,
} from './pod-sandbox.ts'
import type { ExecSyncResult, Streams } from './streaming.ts'

export interface RuntimeVersion {
  /** `containerd`, `cri-o`. */
  readonly runtimeName: string
  readonly runtimeVersion: string
}

/** `RuntimeReady` and `NetworkReady` must both hold before pods can run. */
export interface RuntimeCondition {
  readonly type: string
  readonly status: boolean
  readonly reason: string
  readonly message: string
}

/** What a runtime tells about itself. */
export interface RuntimeCalls {
  version(options?: CallOptions): Promise<RuntimeVersion>
  runtimeConditions(options?: CallOptions): Promise<RuntimeCondition[]>
  /** Undefined where the runtime does not tell (containerd before 2.0). */
  cgroupDriver(options?: CallOptions): Promise<'cgroupfs' | 'systemd' | undefined>
}

/** The pod sandboxes of a runtime. */
export interface SandboxCalls {
  /** Resolves with the sandbox's id when it is ready, its network included. */
  runPodSandbox(config: PodSandboxConfig, options?: CallOptions): Promise<string>
  /** Kills its containers and gives its network back. Stopping twice is no error. */
  stopPodSandbox(id: string, options?: CallOptions): Promise<void>
  /** Removes its containers too. An unknown id is no error. */
  removePodSandbox(id: string, options?: CallOptions): Promise<void>
  /** @throws CriError `notFound` */
  podSandboxStatus(id: string, options?: CallOptions): Promise<PodSandboxStatus>
  listPodSandboxes(filter?: PodSandboxFilter, options?: CallOptions): Promise<PodSandbox[]>
  /**
   * Tells the runtime what the pod as a whole may use; changes no cgroup.
   *
   * @throws CriError `unimplemented` before containerd 2.3
   */
  updatePodSandboxResources(
    id: string,
    resources: LinuxContainerResources,
    overhead?: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>
}

/** The containers of a runtime. Unknown ids are `notFound` unless said otherwise. */
export interface ContainerCalls {
  /** Resolves with the container's id. `sandbox` must be what the sandbox was run with. */
  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandbox: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>
  startContainer(id: string, options?: CallOptions): Promise<void>
  /**
   * Sends the image's stop signal and SIGKILL after `graceSeconds`; 0 kills at
   * once. Stopping twice and an unknown id are no errors.
   */
  stopContainer(id: string, graceSeconds: number, options?: CallOptions): Promise<void>
  /** Kills it if it runs. An unknown id is no error. */
  removeContainer(id: string, options?: CallOptions): Promise<void>
  listContainers(filter?: ContainerFilter, options?: CallOptions): Promise<ContainerSummary[]>
  containerStatus(id: string, options?: CallOptions): Promise<ContainerStatus>
  /** What the runtime tells beyond its status, in its own words: containerd and CRI-O have JSON under `info`. */
  containerInfo(id: string, options?: CallOptions): Promise<Readonly<Record<string, string>>>
  /**
   * Changes what the container may use while it runs. The runtime re-applies
   * all it remembers, so a value that somebody else wrote to a cgroup file is
   * undone. A container that does not run gets the values at no time: it was
   * created with others.
   *
   * After an error some values may have been applied: read the files back.
   */
  updateContainerResources(
    id: string,
    resources: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>
  /** Opens the log file again after it was moved away. Needs a running container. */
  reopenContainerLog(id: string, options?: CallOptions): Promise<void>
  containerStats(id: string, options?: CallOptions): Promise<ContainerStats>
  /** Of running containers only. */
  listContainerStats(
    filter?: Omit<ContainerFilter, 'state'>,
    options?: CallOptions,
  ): Promise<ContainerStats[]>
}

/** Processes and connections in containers. The URLs are good for one use within a minute. */
export interface StreamingCalls {
  /**
   * Runs a command to its end. `timeoutSeconds` 0 is no limit.
   *
   * @throws CriError `deadlineExceeded` after `timeoutSeconds`
   */
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds?: number,
    options?: CallOptions,
  ): Promise<ExecSyncResult>
  exec(
    id: string,
    command: readonly string[],
    streams: Streams,
    options?: CallOptions,
  ): Promise<URL>
  attach(id: string, streams: Streams, options?: CallOptions): Promise<URL>
  portForward(podSandboxId: string, ports: readonly number[], options?: CallOptions): Promise<URL>
}

/** The images of a runtime. */
export interface ImageCalls {
  listImages(options?: CallOptions): Promise<Image[]>
  /** Undefined when the runtime has no such image. Short names are completed: `busybox`. */
  imageStatus(image: string, options?: CallOptions): Promise<Image | undefined>
  /** Resolves with the image's id. */
  pullImage(image: string, auth?: RegistryAuth, options?: CallOptions): Promise<string>
  /** An unknown image is no error. */
  removeImage(image: string, options?: CallOptions): Promise<void>
}

/**
 * A container runtime over CRI v1. Every call may run beside any other, and
 * rejects with a CriError.
 */
export interface CriRuntime
  extends RuntimeCalls, SandboxCalls, ContainerCalls, StreamingCalls, ImageCalls, Disposable {
  /**
   * What happens to containers, beginning with `subscribed`. Ends when `signal`
   * is aborted; throws a CriError when the connection breaks, and the caller
   * subscribes again and lists.
   */
  watchContainerEvents(options?: { readonly signal?: AbortSignal }): AsyncIterable<ContainerEvent>
  /** Breaks the connection and all that is under way on it. */
  close(): void
}
