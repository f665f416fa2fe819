import type { Container, Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { podOf } from '../api/pod-event.ts'
import { runHook } from '../containers/run-hook.ts'
import { stopContainer } from './stop-pod.ts'
import { waitUntil } from '../wait-until.ts'

/** What a container gets at least after its hook has used up the grace period. */
const leastGraceSeconds = 2

export interface KillOrder {
  readonly container: Container
  readonly containerId: string
  /** For the hook and the container together. */
  readonly graceSeconds: number
  /** Of the Killing event. */
  readonly message: string
}

/**
 * Ends one container as a kubelet does: tells why, runs its preStop hook, sends
 * the stop signal, and SIGKILL when the grace is over.
 */
export async function killContainer(
  context: NodeContext,
  pod: Pod,
  { container, containerId, graceSeconds, message }: KillOrder,
): Promise<void> {
  const { name } = container
  context.events.record({
    pod: podOf(pod),
    container: name,
    type: 'Normal',
    reason: 'Killing',
    message,
  })
  const usedMs = await preStop(context, pod, container, containerId, graceSeconds)
  const left =
    graceSeconds > 0 ? Math.max(leastGraceSeconds, graceSeconds - Math.floor(usedMs / 1000)) : 0
  // A hook takes nothing from a grace that is shorter than the least.
  const grace = usedMs === 0 ? graceSeconds : left
  await stopContainer(context, pod.metadata.uid ?? '', containerId, grace)
}

/** Runs the hook for as long as the grace and the container last; gives the milliseconds it took. */
async function preStop(
  context: NodeContext,
  pod: Pod,
  container: Container,
  containerId: string,
  graceSeconds: number,
): Promise<number> {
  const hook = container.lifecycle?.preStop
  if (hook === undefined || graceSeconds === 0) return 0
  const began = performance.now()
  const done = new AbortController()
  const hooked = runHook(context, pod, container, containerId, hook)
    .catch((error: unknown) => {
      if (!done.signal.aborted) tellFailed(context, pod, container, error)
    })
    .finally(() => done.abort())
  const overdue = waitUntil(
    () => !isRunning(context, pod, containerId),
    graceSeconds * 1000,
    done.signal,
  )
  const finished = await Promise.race([hooked.then(() => true), overdue])
  if (!finished) {
    done.abort()
    const cause = new Error(`it did not end within the grace period of ${graceSeconds}s`)
    if (isRunning(context, pod, containerId)) tellFailed(context, pod, container, cause)
  }
  return performance.now() - began
}

function tellFailed(context: NodeContext, pod: Pod, container: Container, error: unknown): void {
  const cause = error instanceof Error ? error.message : String(error)
  context.events.record({
    pod: podOf(pod),
    container: container.name,
    type: 'Warning',
    reason: 'FailedPreStopHook',
    message: `PreStopHook failed: ${cause}`,
  })
}

export function isRunning({ observed }: NodeContext, pod: Pod, containerId: string): boolean {
  const { containers } = observed.get(pod.metadata.uid ?? '')
  return containers.some((one) => one.id === containerId && one.state === 'running')
}
