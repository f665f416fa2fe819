import { bytes, type Bytes } from '../../units.ts'

/** What a cgroup uses of memory, looked at from the wish to make it less. Descendants included. */
export interface MemorySample {
  /** All that is charged, page cache included: the kernel holds this against the limit. */
  readonly usage: Bytes
  /** The part that cannot be reclaimed: anonymous, shared and locked memory where nothing can be swapped. */
  readonly held: Bytes
  /** What was reclaimed once and had to be read back, since the cgroup was made. */
  readonly refaulted: Bytes
  /** Processes that the kernel has killed for want of memory, since the cgroup was made. */
  readonly oomKills: number
}

/** Milliseconds on any clock that does not go back. */
type Instant = number

/** A memory limit on its way down, on cgroup v2. */
export interface Shrink {
  readonly target: Bytes
  readonly begun: Instant
  readonly first: MemorySample
  /** The least usage seen so far. */
  readonly reached: Bytes
  /** Attempts in a row that freed next to nothing; -1 before the first. */
  readonly idle: number
  readonly squeezedSince?: Instant
}

export type ShrinkMove =
  /** The usage is safely below the target: look once more, and write the limit at once. */
  | { readonly kind: 'commit' }
  /** Have the kernel reclaim as much. */
  | { readonly kind: 'reclaim'; readonly amount: Bytes }
  /** Hold the usage below this soft limit, which slows processes down and kills none, and look again. */
  | { readonly kind: 'squeeze'; readonly high: Bytes }
  /** The pages do not come back: leave the limit where it is, and lift the soft limit. */
  | { readonly kind: 'stuck'; readonly reason: 'inUse' | 'comesBack' | 'oomKill' }

const mebi = 1024 * 1024
const page = 4096
/** How long reclaim may go on, and how long processes may be slowed down at most. */
const longestMs = 10_000
const longestSqueezeMs = 3000
const idleTries = 2

/**
 * The usage from which a limit of `target` is written without a second thought: 3 % of
 * room, 4 MiB at most, for what is allocated between the last look and the write.
 */
export function comfortableUsage(target: Bytes): Bytes {
  return wholePages(target - Math.min(target / 32, 4 * mebi))
}

/** The most that may be in use when the limit becomes `target`; the kernel kills from `target` on. */
export function largestUsage(target: Bytes): Bytes {
  return wholePages(target - Math.min(target / 128, mebi))
}

function wholePages(amount: number): Bytes {
  return bytes(Math.max(0, Math.floor(amount / page) * page))
}

export function beginShrink(target: Bytes, first: MemorySample, now: Instant): Shrink {
  return { target, begun: now, first, reached: first.usage, idle: -1 }
}

/**
 * What to do next so that the usage comes below the target: reclaim in steps while that
 * helps, then hold it by a soft limit for a bounded time, then give up. The caller does
 * it, looks again, and asks again.
 *
 * cgroup v2 takes a limit below the usage and kills processes until it fits, so the
 * limit is written only from `commit` on.
 *
 * @param canReclaim whether the kernel has `memory.reclaim` (Linux 5.19 and later).
 * @see Documentation/admin-guide/cgroup-v2.rst, memory.reclaim and memory.high
 */
export function nextShrinkMove(
  before: Shrink,
  sample: MemorySample,
  now: Instant,
  canReclaim: boolean,
): { readonly shrink: Shrink; readonly move: ShrinkMove } {
  const shrink = observed(before, sample)
  const { target, first, begun } = shrink
  if (sample.oomKills > first.oomKills) return stuck(shrink, 'oomKill')
  if (sample.held > largestUsage(target)) return stuck(shrink, 'inUse')
  if (sample.usage <= comfortableUsage(target)) return { shrink, move: { kind: 'commit' } }
  if (now - begun > longestMs) return exhausted(shrink, sample)
  if (canReclaim && shrink.idle < idleTries && shrink.squeezedSince === undefined) {
    return { shrink, move: { kind: 'reclaim', amount: reclaimStep(target, sample.usage) } }
  }
  const since = shrink.squeezedSince ?? now
  if (now - since > longestSqueezeMs) return exhausted(shrink, sample)
  const move = { kind: 'squeeze', high: comfortableUsage(target) } as const
  return { shrink: { ...shrink, squeezedSince: since }, move }
}

function observed(before: Shrink, { usage }: MemorySample): Shrink {
  const helped = before.reached - usage >= 64 * page
  const reached = bytes(Math.min(before.reached, usage))
  return { ...before, reached, idle: helped ? 0 : before.idle + 1 }
}

/** A quarter of the usage at a time, so that what comes back is seen early. */
function reclaimStep(target: Bytes, usage: Bytes): Bytes {
  const excess = usage - comfortableUsage(target)
  return bytes(Math.ceil(Math.min(excess, Math.max(usage / 4, 4 * mebi), 64 * mebi)))
}

function exhausted(shrink: Shrink, sample: MemorySample) {
  if (sample.usage <= largestUsage(shrink.target)) {
    return { shrink, move: { kind: 'commit' } } as const
  }
  const readBack = sample.refaulted - shrink.first.refaulted
  const freed = shrink.first.usage - shrink.reached
  return stuck(shrink, readBack > freed / 2 ? 'comesBack' : 'inUse')
}

function stuck(shrink: Shrink, reason: Extract<ShrinkMove, { kind: 'stuck' }>['reason']) {
  return { shrink, move: { kind: 'stuck', reason } } as const
}

/**
 * The limits to be written one after the other on cgroup v1, the last of them `target`:
 * there the kernel reclaims at each write, and refuses one that it cannot reach.
 */
export function shrinkSteps(usage: Bytes, limit: Bytes | 'max', target: Bytes): readonly Bytes[] {
  const steps: Bytes[] = []
  let next = limit === 'max' ? usage : Math.min(usage, limit)
  while (next - 64 * mebi > target) {
    next -= 64 * mebi
    steps.push(bytes(next))
  }
  return [...steps, target]
}

/** A limit that could not go down, and what is told of it. */
export interface StuckShrink {
  /** Name of the container, or undefined for the pod as a whole. */
  readonly container: string | undefined
  readonly target: Bytes
  readonly limit: Bytes | 'max'
  readonly sample: MemorySample
  readonly reached: Bytes
  readonly reason: Extract<ShrinkMove, { kind: 'stuck' }>['reason'] | 'busy'
}

/** What the PodResizeInProgress condition says of it: usage, target, what was reached, and why. */
export function stuckMessage(shrink: StuckShrink): string {
  const { container, target, limit, sample, reached } = shrink
  const whose = container === undefined ? 'pod' : `container ${JSON.stringify(container)}`
  return `cannot decrease memory limits: attempting to set ${whose} memory limit (${target}) below current usage (${sample.usage}): reclaim reached ${reached}; ${whyStuck(shrink)}; the limit stays at ${limit}`
}

function whyStuck({ reason, sample, target }: StuckShrink): string {
  switch (reason) {
    case 'inUse':
      return `${sample.held} cannot be reclaimed`
    case 'comesBack':
      return 'what is reclaimed is read back at once'
    case 'oomKill':
      return 'the kernel killed a process for want of memory meanwhile'
    case 'busy':
      return `the kernel could not reclaim enough for ${target}`
    default:
      return reason satisfies never
  }
}
