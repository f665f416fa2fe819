import { asLongStep } from '../as-step.ts'
import { killOverdue } from './kill-overdue.ts'
import type { NodeContext } from '../node-context.ts'
import { removePodLogs } from './remove-pod-logs.ts'

/**
 * Stops one container with its grace; SIGKILL after that. The runtime's exit
 * event and this call race; both lead to the same picture.
 */
export async function stopContainer(
  context: NodeContext,
  uid: string,
  id: string,
  graceSeconds: number,
): Promise<void> {
  const { runtime, observed, onStep } = context
  await asLongStep(onStep, 'node.stop', () => {
    const stopped = runtime.stopContainer(id, graceSeconds)
    return killOverdue(context, uid, id, graceSeconds * 1000, stopped)
  })
  await observed.refreshContainer(uid, id)
}

/** Stops every container and sandbox of the pod; what was stopped can be looked at still. */
export async function stopPod(
  context: NodeContext,
  uid: string,
  graceSeconds: number,
): Promise<void> {
  const { runtime, observed, onStep } = context
  const running = observed.get(uid).containers.filter(({ state }) => state === 'running')
  await Promise.all(running.map(({ id }) => stopContainer(context, uid, id, graceSeconds)))
  const ready = observed.get(uid).sandboxes.filter((one) => one.ready)
  for (const { id } of ready) {
    await asLongStep(onStep, 'node.stop-sandbox', () => runtime.stopPodSandbox(id))
    await observed.refreshSandbox(uid, id)
  }
}

/** Removes all that is left of a stopped pod: containers, sandboxes, cgroup, volumes, logs. */
export async function removePod(context: NodeContext, uid: string): Promise<void> {
  const { runtime, observed, cgroups, onStep } = context
  for (const { id } of observed.get(uid).containers) {
    await asLongStep(onStep, 'node.remove', () => runtime.removeContainer(id))
    await observed.refreshContainer(uid, id)
  }
  for (const { id } of observed.get(uid).sandboxes) {
    await runtime.stopPodSandbox(id)
    await asLongStep(onStep, 'node.remove-sandbox', () => runtime.removePodSandbox(id))
    await observed.refreshSandbox(uid, id)
  }
  await cgroups.pods.remove(uid)
  await context.volumes.remove(uid)
  await removePodLogs(context.podLogs, uid)
}
