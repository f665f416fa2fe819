import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { isLeaving } from '../allocation/still-wanted.ts'
import { waitUntil } from '../wait-until.ts'

/**
 * Waits for `task` as long as the pod is to run. What goes on after that is of use to nobody
 * here, and must not keep the pod from ending.
 *
 * @throws what the task throws, or Error when the pod is to end
 */
export async function unlessLeaving<T>(
  context: Pick<NodeContext, 'pods'>,
  pod: Pod,
  task: Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const leaving = waitUntil(
    () => isLeaving(context, pod),
    Number.POSITIVE_INFINITY,
    done.signal,
  ).then((): never => {
    throw new Error(`Pod ${pod.metadata.name} is to end`)
  })
  try {
    return await Promise.race([task, leaving])
  } finally {
    done.abort()
    // Nobody waits for the other one any more.
    leaving.catch(() => {})
  }
}
