/**
 * What the node asks of a container runtime, in CRI's words (src/cri has the
 * real one). Ids are the runtime's; times are milliseconds since 1970.
 */

type Strings = Readonly<Record<string, string>>

export interface SandboxConfig {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace: string
    readonly attempt: number
  }
  readonly hostname?: string
  readonly logDirectory: string
  readonly labels: Strings
  readonly annotations?: Strings
  readonly linux: {
    readonly cgroupParent: string
    readonly securityContext: {
      readonly namespaceOptions: { readonly network: 'pod' | 'node' }
      readonly runAsUser?: number
      readonly runAsGroup?: number
      readonly privileged?: boolean
    }
  }
}

export interface Mount {
  readonly containerPath: string
  readonly hostPath: string
  readonly readonly: boolean
}

/** Values as CRI's LinuxContainerResources has them; an absent one is left as it is. */
export interface LinuxResources {
  readonly cpuPeriod?: number
  readonly cpuQuota?: number
  readonly cpuShares?: number
  readonly memoryLimitInBytes?: number
  readonly oomScoreAdj?: number
  readonly unified?: Strings
}

export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number }
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly envs: readonly { readonly key: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly labels: Strings
  readonly annotations?: Strings
  /** Below the sandbox's log directory. */
  readonly logPath: string
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
  readonly linux: {
    readonly resources: LinuxResources
    readonly securityContext: {
      readonly namespaceOptions: { readonly network: 'pod' | 'node' }
      readonly runAsUser?: number
      readonly runAsGroup?: number
      readonly privileged?: boolean
      readonly readonlyRootfs?: boolean
    }
  }
}

export interface SandboxSummary {
  readonly id: string
  readonly metadata: SandboxConfig['metadata']
  readonly state: 'ready' | 'notReady'
  readonly createdAt: number
  readonly labels: Strings
}

export interface ContainerSummary {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata: ContainerConfig['metadata']
  readonly labels: Strings
}

export interface RuntimeContainerStatus {
  readonly id: string
  readonly metadata: ContainerConfig['metadata']
  readonly state: 'created' | 'running' | 'exited' | 'unknown'
  readonly createdAt: number
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly exitCode: number
  readonly image: string
  readonly imageRef: string
  readonly reason: string
  readonly message: string
  readonly labels: Strings
}

export type RuntimeEvent =
  /** From here on nothing is missed: what was before must be listed. */
  | { readonly kind: 'subscribed' }
  | {
      readonly kind: 'created' | 'started' | 'oom' | 'deleted' | 'exited'
      readonly containerId: string
    }

export interface Streams {
  readonly stdin?: boolean
  readonly stdout?: boolean
  readonly stderr?: boolean
  readonly tty?: boolean
}

interface CallOptions {
  readonly timeoutMs?: number
}

/** Rejections carry the runtime's own text and a `code` such as `notFound` or `unavailable`. */
export interface ContainerRuntime {
  runPodSandbox(config: SandboxConfig): Promise<string>
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<SandboxSummary & { readonly ips: readonly string[] }>
  listPodSandboxes(filter: { readonly labels: Strings }): Promise<readonly SandboxSummary[]>
  createContainer(sandbox: string, config: ContainerConfig, of: SandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  stopContainer(id: string, graceSeconds: number, options?: CallOptions): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(filter: { readonly labels: Strings }): Promise<readonly ContainerSummary[]>
  containerStatus(id: string): Promise<RuntimeContainerStatus>
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>
  imageStatus(image: string): Promise<{ readonly repoDigests: readonly string[] } | undefined>
  pullImage(image: string): Promise<string>
  watchContainerEvents(options: { readonly signal: AbortSignal }): AsyncIterable<RuntimeEvent>
  exec(id: string, command: readonly string[], streams: Streams): Promise<URL>
  attach(id: string, streams: Streams): Promise<URL>
  portForward(sandbox: string, ports: readonly number[]): Promise<URL>
}
