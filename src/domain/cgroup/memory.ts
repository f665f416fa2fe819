import { bytes, type Bytes } from '../units.ts'

/** Bytes of a memory page on x86 and most arm64. */
export const usualPageSize = bytes(4096)

/** What the kernel makes of a memory limit: whole pages, rounded down. */
export function roundDownToPage(limit: Bytes, pageSize: Bytes = usualPageSize): Bytes {
  return bytes(limit - (limit % pageSize))
}

/**
 * What `memory.limit_in_bytes` of cgroup v1 says where there is no limit: the most whole
 * pages below 2^63 bytes. Not a `Bytes`, because a double cannot hold it.
 */
export function unlimitedMemory(pageSize: Bytes = usualPageSize): bigint {
  const most = 2n ** 63n - 1n
  return most - (most % BigInt(pageSize))
}

export interface MemoryHighInput {
  readonly request?: Bytes
  readonly limit?: Bytes
  /** What the node has for pods; takes the place of a limit that is not set. */
  readonly allocatable: Bytes
  /** @default 4096 bytes */
  readonly pageSize?: Bytes
  /** How far from request to limit the throttling begins, 0 to 1. @default 0.9 */
  readonly factor?: number
}

/**
 * The `memory.high` at which a container is slowed down before it meets its limit, by the
 * alpha feature MemoryQoS (cgroup v2 only). Undefined where none is set: request and limit
 * are equal, or less than a page apart.
 *
 * @see KEP-2570; kubelet's pkg/kubelet/kuberuntime/kuberuntime_container_linux.go.
 */
export function memoryHigh(input: MemoryHighInput): Bytes | undefined {
  const { allocatable, pageSize = usualPageSize, factor = 0.9 } = input
  const request = input.request ?? 0
  const limit = input.limit ?? 0
  if (request === limit) return undefined
  const base = limit === 0 ? allocatable : limit
  const high = Math.floor((request + factor * (base - request)) / pageSize) * pageSize
  return high > request ? bytes(high) : undefined
}
