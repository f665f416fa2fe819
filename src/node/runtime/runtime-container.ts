import type { SecurityContext } from './runtime-security.ts'

/** What of the node a container sees, and where. */
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
  readonly unified?: Readonly<Record<string, string>>
}

/** What a container is made with (CRI's ContainerConfig). */
export interface ContainerConfig {
  readonly metadata: { readonly name: string; readonly attempt: number }
  readonly image: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly envs: readonly { readonly key: string; readonly value: string }[]
  readonly mounts: readonly Mount[]
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
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

/** A container as the runtime lists it. */
export interface ContainerSummary {
  readonly id: string
  readonly state: RuntimeContainerStatus['state']
  readonly podSandboxId: string
  readonly metadata: ContainerConfig['metadata']
  readonly labels: Readonly<Record<string, string>>
}

/** All that the runtime says of one container. Times are milliseconds since 1970. */
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
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly logPath: string
}
