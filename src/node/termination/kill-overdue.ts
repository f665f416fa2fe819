import { timerSpan } from '../../domain/timer-span.ts'
import type { NodeContext } from '../node-context.ts'
import { unlessGone } from '../unless-gone.ts'

/** How long the runtime may need to kill a container after its grace. */
const killMs = 2000

/**
 * Waits for `stopped`, the stop of a container by the runtime, and kills the container beside
 * the runtime when that is overdue. runc freezes a cgroup of v1 before it kills, and a fork
 * bomb that is throttled does not freeze: the runtime alone takes minutes, or fails.
 */
export async function killOverdue(
  { cgroups }: NodeContext,
  uid: string,
  id: string,
  graceMs: number,
  stopped: Promise<void>,
): Promise<void> {
  let giveBack: (() => void) | undefined
  const timer = setTimeout(
    () => {
      // What else goes wrong here is logged, as anything that nobody awaits.
      giveBack = unlessGone(() => cgroups.containers.kill(uid, id))
    },
    timerSpan(graceMs + killMs),
  )
  try {
    await stopped
  } finally {
    clearTimeout(timer)
    if (giveBack !== undefined) unlessGone(giveBack)
  }
}
