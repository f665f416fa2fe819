import type { ExecEnd } from '../../operate/cluster/container-exec.ts'

/** Why a container cannot be looked into. */
export type FailedLook = Pick<Extract<ExecEnd, { kind: 'failed' }>, 'why' | 'retry'>

/** The same with what it is worth: another look may not fail. */
export interface ClosedContainer {
  readonly why: string
  readonly fleeting: boolean
}

/** How long a container that did not answer is left alone: at first, and at most. */
const restMs = { first: 100, most: 10_000 }
/** So long the API may say that a container runs which has ended. */
const statusLagMs = 3000

interface Failed extends FailedLook {
  /** Of the first look that failed, since one did not. */
  readonly since: number
  readonly restMs: number
  readonly until: number
}

/** Which containers could not be looked into, by their IDs, and until when there is no need to try. */
export interface FailedLooks {
  /** Undefined if it is time for a look. */
  resting(id: string): ClosedContainer | undefined
  add(id: string, failed: FailedLook): ClosedContainer
  forget(id: string): void
}

/** @param now milliseconds of a clock that never goes back. */
export function failedLooks(now: () => number): FailedLooks {
  const byId = new Map<string, Failed>()
  const closed = ({ why, retry, since }: Failed): ClosedContainer => ({
    why,
    fleeting: retry === 'soon' && now() - since < statusLagMs,
  })
  return {
    resting(id) {
      const failed = byId.get(id)
      return failed !== undefined && now() < failed.until ? closed(failed) : undefined
    },
    add(id, failed) {
      const before = byId.get(id)
      const longer = Math.min((before?.restMs ?? restMs.first / 2) * 2, restMs.most)
      const rest = { never: Infinity, later: restMs.most, soon: longer }[failed.retry]
      const since = before?.since ?? now()
      const next = { ...failed, since, restMs: rest, until: now() + rest }
      byId.set(id, next)
      return closed(next)
    },
    forget: (id) => void byId.delete(id),
  }
}
