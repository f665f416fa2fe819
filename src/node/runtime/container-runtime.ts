import type { AttachedStreams } from '../../domain/attached-streams.ts'
/**
 * What the node asks of a container runtime, in CRI's words (src/cri has the
 * real one). Ids are the runtime's; times are milliseconds since 1970.
 */

type Strings = Readonly<Record<string, string>>

/** A namespace that is the pod's, the container's own or the node's. */
export interface NamespaceOptions {
  readonly network: 'pod' | 'node'
  readonly pid: 'pod' | 'container' | 'node'
  readonly ipc: 'pod' | 'node'
}

export type SecurityProfile =
  | { readonly kind: 'runtimeDefault' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'localhost'; readonly ref: string }

/** What sandboxes and containers have in common. */
export interface SecurityContext {
  readonly namespaceOptions: NamespaceOptions
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: 'merge' | 'strict'
  readonly privileged?: boolean
  readonly seccomp?: SecurityProfile
}

export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly containerPort: number
  readonly hostPort: number
  /** All addresses of the node without it. */
  readonly hostIp?: string
}

export interface SandboxConfig {
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly namespace: string
    readonly attempt: number
  }
  readonly hostname?: string
  readonly logDirectory: string
  /** The runtime gives the pod the node's own resolver without it. */
  readonly dnsConfig?: {
    readonly servers: readonly string[]
    readonly searches: readonly string[]
    readonly options: readonly string[]
  }
  /** Ports of the node that lead to the pod. */
  readonly portMappings?: readonly PortMapping[]
  readonly labels: Strings
  readonly annotations?: Strings
  readonly linux: {
    readonly cgroupParent: string
    readonly securityContext: SecurityContext
    readonly sysctls?: Strings
  }
}

export interface Mount {
  readonly containerPath: string
  readonly hostPath: string
  readonly readonly: boolean
  /** @default 'private' */
  readonly propagation?: 'private' | 'hostToContainer' | 'bidirectional'
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
    readonly securityContext: SecurityContext & {
      readonly readonlyRootfs?: boolean
      readonly noNewPrivs?: boolean
      readonly capabilities?: {
        readonly add?: readonly string[]
        readonly drop?: readonly string[]
      }
      readonly maskedPaths?: readonly string[]
      readonly readonlyPaths?: readonly string[]
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
  readonly state: RuntimeContainerStatus['state']
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
  readonly annotations: Strings
  readonly logPath: string
}

/** An image as far as starting a container from it goes. */
export interface RuntimeImage {
  readonly repoDigests: readonly string[]
  /** Bytes. */
  readonly size: number
  /** The user that the image runs as, by number or by name; both absent is root. */
  readonly uid?: number
  readonly username?: string
}

export type RuntimeEvent =
  /** From here on nothing is missed: what was before must be listed. */
  { readonly kind: 'subscribed' } | ContainerEvent

/** Of containers and sandboxes alike. */
export interface ContainerEvent {
  readonly kind: 'created' | 'started' | 'oom' | 'deleted' | 'exited'
  readonly containerId: string
}

/** Rejections carry the runtime's own text and a `code` such as `notFound` or `unavailable`. */
export interface ContainerRuntime {
  runPodSandbox(config: SandboxConfig): Promise<string>
  stopPodSandbox(id: string): Promise<void>
  removePodSandbox(id: string): Promise<void>
  podSandboxStatus(id: string): Promise<SandboxSummary & { readonly ips: readonly string[] }>
  listPodSandboxes(filter: { readonly labels: Strings }): Promise<readonly SandboxSummary[]>
  /** Tells it what the pod as a whole may use; `unimplemented` where it does not want to know. */
  updatePodSandboxResources(
    id: string,
    resources: LinuxResources,
    overhead?: LinuxResources,
  ): Promise<void>
  createContainer(sandbox: string, config: ContainerConfig, of: SandboxConfig): Promise<string>
  startContainer(id: string): Promise<void>
  stopContainer(id: string, graceSeconds: number): Promise<void>
  removeContainer(id: string): Promise<void>
  listContainers(filter: { readonly labels: Strings }): Promise<readonly ContainerSummary[]>
  containerStatus(id: string): Promise<RuntimeContainerStatus>
  /** What the container wrote to its own root file system; as old as the runtime lets it be (10 s). */
  containerStats(id: string): Promise<{ readonly writableLayer?: { readonly usedBytes?: number } }>
  updateContainerResources(id: string, resources: LinuxResources): Promise<void>
  /** Has the output go to the log's path anew, where the file was moved away. */
  reopenContainerLog(id: string): Promise<void>
  /** Runs a command to its end; rejects with `deadlineExceeded` after `timeoutSeconds`, 0 is no limit. */
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds: number,
  ): Promise<{
    readonly stdout: Uint8Array
    readonly stderr: Uint8Array
    readonly exitCode: number
  }>
  imageStatus(image: string): Promise<RuntimeImage | undefined>
  /** @param login with none it is pulled as anybody may */
  pullImage(
    image: string,
    login?: { readonly username: string; readonly password: string },
  ): Promise<string>
  watchContainerEvents(options: { readonly signal: AbortSignal }): AsyncIterable<RuntimeEvent>
  exec(id: string, command: readonly string[], streams: AttachedStreams): Promise<URL>
  attach(id: string, streams: AttachedStreams): Promise<URL>
  portForward(sandbox: string, ports: readonly number[]): Promise<URL>
}
