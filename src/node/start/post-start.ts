import type { Container, Pod } from '../../domain/pod.ts'
import { isRunning, killContainer } from '../termination/kill-container.ts'
import type { NodeContext } from '../node-context.ts'
import { podOf } from '../api/pod-event.ts'
import { runHook } from '../containers/run-hook.ts'
import { StartError } from './start-error.ts'
import { isLeaving } from '../allocation/still-wanted.ts'
import { waitUntil } from '../wait-until.ts'

/**
 * Runs a container's postStart hook to its end. One that fails takes the
 * container with it; one that hangs ends with its container or when the pod is deleted.
 *
 * @throws StartError `PostStartHookError`
 */
export async function postStart(
  context: NodeContext,
  pod: Pod,
  container: Container,
  containerId: string,
): Promise<void> {
  const hook = container.lifecycle?.postStart
  if (hook === undefined) return
  const done = new AbortController()
  const over = waitUntil(
    () => !isRunning(context, pod, containerId) || isLeaving(context, pod),
    Number.POSITIVE_INFINITY,
    done.signal,
  )
  try {
    await Promise.race([runHook(context, pod, container, containerId, hook), over])
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const message = `PostStartHook failed: ${cause}`
    const about = { pod: podOf(pod), container: container.name }
    context.events.record({ ...about, type: 'Warning', reason: 'FailedPostStartHook', message })
    const graceSeconds = pod.spec.terminationGracePeriodSeconds ?? 30
    await killContainer(context, pod, {
      container,
      containerId,
      graceSeconds,
      message: 'FailedPostStartHook',
    })
    throw new StartError('PostStartHookError', error)
  } finally {
    done.abort()
  }
}
