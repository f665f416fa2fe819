import type { SecurityContext } from './runtime-security.ts'

/** A port of the node that leads to one of the pod. */
export interface PortMapping {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly containerPort: number
  readonly hostPort: number
  /** All addresses of the node without it. */
  readonly hostIp?: string
}

/** What a sandbox is made with (CRI's PodSandboxConfig). */
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
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: {
    readonly cgroupParent: string
    readonly securityContext: SecurityContext
    readonly sysctls?: Readonly<Record<string, string>>
  }
}

/** A sandbox as the runtime lists it. */
export interface SandboxSummary {
  readonly id: string
  readonly metadata: SandboxConfig['metadata']
  readonly state: 'ready' | 'notReady'
  readonly createdAt: number
  readonly labels: Readonly<Record<string, string>>
}
