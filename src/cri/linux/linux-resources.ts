import type { MessageInitShape } from '@bufbuild/protobuf'
import type {
  LinuxContainerResources as Wire,
  LinuxContainerResourcesSchema,
} from '../generated/runtime/v1/resources_pb.ts'

/**
 * What a container may use, in CRI's words. A key that is absent, or 0, means
 * "not given": at creation no such limit, in an update no change.
 *
 * @see Kubernetes cri-api, message LinuxContainerResources
 */
export interface LinuxContainerResources {
  /** Microseconds. */
  readonly cpuPeriod?: number
  /** Microseconds of CPU per period; -1 is unlimited. */
  readonly cpuQuota?: number
  /** cgroup v1 shares; the runtime turns them into a weight on v2. */
  readonly cpuShares?: number
  /** Bytes; -1 is unlimited. */
  readonly memoryLimitInBytes?: number
  /** -1000 to 1000. Counts at creation only: runtimes ignore it in an update. */
  readonly oomScoreAdj?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  /** cgroup v2 files and their contents. Any key is an error on v1. */
  readonly unified?: Readonly<Record<string, string>>
  /** Bytes of memory and swap together; -1 is unlimited. */
  readonly memorySwapLimitInBytes?: number
}

export function linuxResourcesToWire(
  resources: LinuxContainerResources,
): MessageInitShape<typeof LinuxContainerResourcesSchema> {
  return {
    cpuPeriod: BigInt(resources.cpuPeriod ?? 0),
    cpuQuota: BigInt(resources.cpuQuota ?? 0),
    cpuShares: BigInt(resources.cpuShares ?? 0),
    memoryLimitInBytes: BigInt(resources.memoryLimitInBytes ?? 0),
    oomScoreAdj: BigInt(resources.oomScoreAdj ?? 0),
    cpusetCpus: resources.cpusetCpus ?? '',
    cpusetMems: resources.cpusetMems ?? '',
    hugepageLimits: (resources.hugepageLimits ?? []).map((one) => ({
      pageSize: one.pageSize,
      limit: BigInt(one.limit),
    })),
    unified: { ...resources.unified },
    memorySwapLimitInBytes: BigInt(resources.memorySwapLimitInBytes ?? 0),
  }
}

/** Numbers that the runtime left at 0 become absent keys. */
export function linuxResourcesFromWire(wire: Wire): LinuxContainerResources {
  const numbers = {
    cpuPeriod: Number(wire.cpuPeriod),
    cpuQuota: Number(wire.cpuQuota),
    cpuShares: Number(wire.cpuShares),
    memoryLimitInBytes: Number(wire.memoryLimitInBytes),
    oomScoreAdj: Number(wire.oomScoreAdj),
    memorySwapLimitInBytes: Number(wire.memorySwapLimitInBytes),
  }
  const given = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== 0))
  return {
    ...given,
    ...(wire.cpusetCpus === '' ? {} : { cpusetCpus: wire.cpusetCpus }),
    ...(wire.cpusetMems === '' ? {} : { cpusetMems: wire.cpusetMems }),
    ...(wire.hugepageLimits.length === 0
      ? {}
      : {
          hugepageLimits: wire.hugepageLimits.map(({ pageSize, limit }) => ({
            pageSize,
            limit: Number(limit),
          })),
        }),
    ...(Object.keys(wire.unified).length === 0 ? {} : { unified: wire.unified }),
  }
}
