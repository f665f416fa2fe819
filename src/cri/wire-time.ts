/** Milliseconds since the epoch, with fractions. The runtime's clock is this machine's. */
export type Timestamp = number

/** CRI's nanoseconds since the epoch; 0 is "not yet". */
export function timestampFrom(nanoseconds: bigint): Timestamp | undefined {
  return nanoseconds === 0n ? undefined : Number(nanoseconds) / 1e6
}
