import type { ContainerStats as Wire, UInt64Value } from '../generated/runtime/v1/stats_pb.ts'
import { timestampFrom, type Timestamp } from '../wire-time.ts'
import type { ContainerMetadata } from './container-config.ts'

/**
 * What a container has used, as the runtime read it from the cgroup. Keys that
 * this runtime does not know are absent (containerd 1.6: no usage, rss, faults).
 */
export interface ContainerStats {
  readonly id: string
  readonly metadata: ContainerMetadata
  readonly labels: Readonly<Record<string, string>>
  readonly cpu?: {
    readonly at: Timestamp
    /** CPU time since the container started. */
    readonly usageCoreNanoSeconds?: number
    readonly usageNanoCores?: number
  }
  readonly memory?: {
    readonly at: Timestamp
    /** Bytes that cannot be reclaimed without hurting: usage less inactive page cache. */
    readonly workingSetBytes?: number
    readonly availableBytes?: number
    readonly usageBytes?: number
    readonly rssBytes?: number
    readonly pageFaults?: number
    readonly majorPageFaults?: number
  }
  /** What was written to the root file system of the container. */
  readonly writableLayer?: {
    readonly at: Timestamp
    readonly usedBytes?: number
    readonly inodesUsed?: number
  }
}

type Present<T> = { readonly [K in keyof T]?: number }

function present<T extends Record<string, UInt64Value | undefined>>(values: T): Present<T> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([key, value]) => [key, Number(value?.value)])) as Present<T>
}

function cpuFromWire(wire: NonNullable<Wire['cpu']>) {
  const { usageCoreNanoSeconds, usageNanoCores } = wire
  return {
    at: timestampFrom(wire.timestamp) ?? 0,
    ...present({ usageCoreNanoSeconds, usageNanoCores }),
  }
}

function memoryFromWire(wire: NonNullable<Wire['memory']>) {
  const { workingSetBytes, availableBytes, usageBytes, rssBytes, pageFaults, majorPageFaults } =
    wire
  return {
    at: timestampFrom(wire.timestamp) ?? 0,
    ...present({
      workingSetBytes,
      availableBytes,
      usageBytes,
      rssBytes,
      pageFaults,
      majorPageFaults,
    }),
  }
}

function layerFromWire({ timestamp, usedBytes, inodesUsed }: NonNullable<Wire['writableLayer']>) {
  return { at: timestampFrom(timestamp) ?? 0, ...present({ usedBytes, inodesUsed }) }
}

export function containerStatsFromWire(wire: Wire): ContainerStats {
  const { attributes } = wire
  return {
    id: attributes?.id ?? '',
    metadata: {
      name: attributes?.metadata?.name ?? '',
      attempt: attributes?.metadata?.attempt ?? 0,
    },
    labels: attributes?.labels ?? {},
    ...(wire.cpu === undefined ? {} : { cpu: cpuFromWire(wire.cpu) }),
    ...(wire.memory === undefined ? {} : { memory: memoryFromWire(wire.memory) }),
    ...(wire.writableLayer && { writableLayer: layerFromWire(wire.writableLayer) }),
  }
}
