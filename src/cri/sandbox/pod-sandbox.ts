import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  PodSandboxState as WireState,
  Protocol,
  type PodSandbox as WirePodSandbox,
  type PodSandboxConfigSchema,
  type PodSandboxFilterSchema,
  type PodSandboxMetadata as WireMetadata,
  type PodSandboxStatus as WireStatus,
} from '../generated/runtime/v1/sandbox_pb.ts'
import { linuxResourcesToWire, type LinuxContainerResources } from '../linux/linux-resources.ts'
import { sandboxSecurityToWire, type SecurityContext } from '../linux/security-context.ts'
import { timestampFrom, type Timestamp } from '../wire-time.ts'

type Strings = Readonly<Record<string, string>>

/** What a sandbox is called: these four make its name, which is unique in a runtime. */
export interface PodSandboxMetadata {
  readonly name: string
  readonly uid: string
  readonly namespace: string
  /** 0 for the pod's first sandbox, one more for each that replaced it. */
  readonly attempt: number
}

export interface PortMapping {
  readonly protocol?: 'TCP' | 'UDP' | 'SCTP'
  readonly containerPort: number
  readonly hostPort?: number
  readonly hostIp?: string
}

/** All that a pod's containers share: network, cgroup parent, host name, logs. */
export interface PodSandboxConfig {
  readonly metadata: PodSandboxMetadata
  /** May be left out only with the node's network. */
  readonly hostname?: string
  /** Absolute; the containers' log paths are below it. The runtime does not make it. */
  readonly logDirectory?: string
  readonly dnsConfig?: {
    readonly servers?: readonly string[]
    readonly searches?: readonly string[]
    readonly options?: readonly string[]
  }
  readonly portMappings?: readonly PortMapping[]
  readonly labels?: Strings
  readonly annotations?: Strings
  readonly linux?: {
    /** A path in cgroupfs style, or a slice name when the runtime uses systemd. */
    readonly cgroupParent?: string
    readonly securityContext?: SecurityContext
    readonly sysctls?: Strings
    readonly overhead?: LinuxContainerResources
    readonly resources?: LinuxContainerResources
  }
}

export type PodSandboxState = 'ready' | 'notReady'

export interface PodSandbox {
  readonly id: string
  readonly metadata: PodSandboxMetadata
  readonly state: PodSandboxState
  readonly createdAt: Timestamp
  readonly labels: Strings
  readonly annotations: Strings
}

export interface PodSandboxStatus extends PodSandbox {
  /** The first is the primary one. Empty on the node's network and when not ready. */
  readonly ips: readonly string[]
}

/** All that is given must match. */
export interface PodSandboxFilter {
  readonly id?: string
  readonly state?: PodSandboxState
  readonly labels?: Strings
}

function linuxToWire(linux: NonNullable<PodSandboxConfig['linux']>) {
  const { overhead, resources } = linux
  return {
    cgroupParent: linux.cgroupParent ?? '',
    securityContext: sandboxSecurityToWire(linux.securityContext),
    sysctls: { ...linux.sysctls },
    ...(overhead === undefined ? {} : { overhead: linuxResourcesToWire(overhead) }),
    ...(resources === undefined ? {} : { resources: linuxResourcesToWire(resources) }),
  }
}

function portToWire(port: PortMapping) {
  return {
    protocol: Protocol[port.protocol ?? 'TCP'],
    containerPort: port.containerPort,
    hostPort: port.hostPort ?? 0,
    hostIp: port.hostIp ?? '',
  }
}

export function podSandboxConfigToWire(
  config: PodSandboxConfig,
): MessageInitShape<typeof PodSandboxConfigSchema> {
  const dns = config.dnsConfig
  return {
    metadata: { ...config.metadata },
    hostname: config.hostname ?? '',
    logDirectory: config.logDirectory ?? '',
    ...(dns === undefined
      ? {}
      : {
          dnsConfig: {
            servers: [...(dns.servers ?? [])],
            searches: [...(dns.searches ?? [])],
            options: [...(dns.options ?? [])],
          },
        }),
    portMappings: (config.portMappings ?? []).map(portToWire),
    labels: { ...config.labels },
    annotations: { ...config.annotations },
    linux: linuxToWire(config.linux ?? {}),
  }
}

export function podSandboxFilterToWire(
  filter: PodSandboxFilter,
): MessageInitShape<typeof PodSandboxFilterSchema> {
  const { state } = filter
  return {
    id: filter.id ?? '',
    ...(state === undefined ? {} : { state: { state: stateToWire(state) } }),
    labelSelector: { ...filter.labels },
  }
}

function stateToWire(state: PodSandboxState): WireState {
  return state === 'ready' ? WireState.SANDBOX_READY : WireState.SANDBOX_NOTREADY
}

function metadataFromWire(wire: WireMetadata | undefined): PodSandboxMetadata {
  return {
    name: wire?.name ?? '',
    uid: wire?.uid ?? '',
    namespace: wire?.namespace ?? '',
    attempt: wire?.attempt ?? 0,
  }
}

export function podSandboxFromWire(wire: WirePodSandbox | WireStatus): PodSandbox {
  return {
    id: wire.id,
    metadata: metadataFromWire(wire.metadata),
    state: wire.state === WireState.SANDBOX_READY ? 'ready' : 'notReady',
    createdAt: timestampFrom(wire.createdAt) ?? 0,
    labels: wire.labels,
    annotations: wire.annotations,
  }
}

export function podSandboxStatusFromWire(wire: WireStatus): PodSandboxStatus {
  const { network } = wire
  const ips = [network?.ip ?? '', ...(network?.additionalIps ?? []).map(({ ip }) => ip)]
  return { ...podSandboxFromWire(wire), ips: ips.filter((ip) => ip !== '') }
}
