import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  ContainerState as WireState,
  type Container as WireContainer,
  type ContainerFilterSchema,
  type ContainerMetadata as WireMetadata,
  type ContainerStatus as WireStatus,
} from '../generated/runtime/v1/container_pb.ts'
import { linuxResourcesFromWire, type LinuxContainerResources } from '../linux/linux-resources.ts'
import { timestampFrom, type Timestamp } from '../wire-time.ts'
import type { ContainerMetadata } from './container-config.ts'

type Strings = Readonly<Record<string, string>>

export type ContainerState = 'created' | 'running' | 'exited' | 'unknown'

/** A container as the runtime lists it. */
export interface ContainerSummary {
  readonly id: string
  readonly podSandboxId: string
  readonly metadata: ContainerMetadata
  /** As it was asked for. */
  readonly image: string
  /** The image's id in this runtime. */
  readonly imageRef: string
  readonly state: ContainerState
  readonly createdAt: Timestamp
  readonly labels: Strings
  readonly annotations: Strings
}

export interface ContainerStatus {
  readonly id: string
  readonly metadata: ContainerMetadata
  readonly state: ContainerState
  readonly createdAt: Timestamp
  /** Absent until it was started. */
  readonly startedAt?: Timestamp
  /** Absent until it has exited. */
  readonly finishedAt?: Timestamp
  /** 0 until it has exited; 128 + n after signal n. */
  readonly exitCode: number
  readonly image: string
  readonly imageRef: string
  /** `Completed`, `Error`, `OOMKilled`, `StartError`; empty while it runs. */
  readonly reason: string
  readonly message: string
  readonly labels: Strings
  readonly annotations: Strings
  readonly logPath: string
  /** What the runtime remembers, not what the kernel says. containerd from 1.7. */
  readonly resources?: LinuxContainerResources
}

/** All that is given must match. */
export interface ContainerFilter {
  readonly id?: string
  readonly state?: ContainerState
  readonly podSandboxId?: string
  readonly labels?: Strings
}

const states = {
  created: WireState.CONTAINER_CREATED,
  running: WireState.CONTAINER_RUNNING,
  exited: WireState.CONTAINER_EXITED,
  unknown: WireState.CONTAINER_UNKNOWN,
} as const

function stateFromWire(wire: WireState): ContainerState {
  switch (wire) {
    case WireState.CONTAINER_CREATED:
      return 'created'
    case WireState.CONTAINER_RUNNING:
      return 'running'
    case WireState.CONTAINER_EXITED:
      return 'exited'
    case WireState.CONTAINER_UNKNOWN:
    default:
      return 'unknown'
  }
}

function metadataFromWire(wire: WireMetadata | undefined): ContainerMetadata {
  return { name: wire?.name ?? '', attempt: wire?.attempt ?? 0 }
}

export function containerFilterToWire(
  filter: ContainerFilter,
): MessageInitShape<typeof ContainerFilterSchema> {
  const { state } = filter
  return {
    id: filter.id ?? '',
    ...(state === undefined ? {} : { state: { state: states[state] } }),
    podSandboxId: filter.podSandboxId ?? '',
    labelSelector: { ...filter.labels },
  }
}

export function containerSummaryFromWire(wire: WireContainer): ContainerSummary {
  return {
    id: wire.id,
    podSandboxId: wire.podSandboxId,
    metadata: metadataFromWire(wire.metadata),
    image: wire.image?.image ?? '',
    imageRef: wire.imageRef,
    state: stateFromWire(wire.state),
    createdAt: timestampFrom(wire.createdAt) ?? 0,
    labels: wire.labels,
    annotations: wire.annotations,
  }
}

export function containerStatusFromWire(wire: WireStatus): ContainerStatus {
  const startedAt = timestampFrom(wire.startedAt)
  const finishedAt = timestampFrom(wire.finishedAt)
  const resources = wire.resources?.linux
  return {
    id: wire.id,
    metadata: metadataFromWire(wire.metadata),
    state: stateFromWire(wire.state),
    createdAt: timestampFrom(wire.createdAt) ?? 0,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    exitCode: wire.exitCode,
    image: wire.image?.image ?? '',
    imageRef: wire.imageRef,
    reason: wire.reason,
    message: wire.message,
    labels: wire.labels,
    annotations: wire.annotations,
    logPath: wire.logPath,
    ...(resources === undefined ? {} : { resources: linuxResourcesFromWire(resources) }),
  }
}
