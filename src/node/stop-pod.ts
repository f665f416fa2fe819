import type { Pod } from '../domain/pod.ts'
import { isStatusCode, podPath } from './api.ts'
import { rm } from 'node:fs/promises'
import type { NodeContext } from './node-context.ts'
import { podOf } from './pod-event.ts'
import { podLogDirectory } from './sandbox-config.ts'

/** A grace period has to be over well before the call gives up. */
const stopMarginMs = 30_000

/**
 * Stops one container with its grace; SIGKILL after that. The runtime's exit
 * event and this call race; both lead to the same picture.
 */
export async function stopContainer(
  { runtime, observed, onStep }: NodeContext,
  uid: string,
  id: string,
  graceSeconds: number,
): Promise<void> {
  onStep('node.stop.before')
  await runtime.stopContainer(id, graceSeconds, { timeoutMs: graceSeconds * 1000 + stopMarginMs })
  onStep('node.stop.after')
  await observed.refreshContainer(uid, id)
}

/** Stops every container and sandbox of the pod; what was stopped can be looked at still. */
export async function stopPod(
  context: NodeContext,
  uid: string,
  graceSeconds: number,
): Promise<void> {
  const { runtime, observed } = context
  const running = observed.get(uid).containers.filter(({ state }) => state === 'running')
  await Promise.all(running.map(({ id }) => stopContainer(context, uid, id, graceSeconds)))
  const ready = observed.get(uid).sandboxes.filter((one) => one.ready)
  for (const { id } of ready) {
    await runtime.stopPodSandbox(id)
    await observed.refreshSandbox(uid, id)
  }
}

/** Removes all that is left of a stopped pod: containers, sandboxes, cgroup, volumes, logs. */
export async function removePod(
  context: NodeContext,
  uid: string,
  pod: Pod | undefined,
): Promise<void> {
  const { runtime, observed, cgroups, onStep } = context
  for (const { id } of observed.get(uid).containers) {
    onStep('node.remove.before')
    await runtime.removeContainer(id)
    onStep('node.remove.after')
    await observed.refreshContainer(uid, id)
  }
  for (const { id } of observed.get(uid).sandboxes) {
    await runtime.stopPodSandbox(id)
    await runtime.removePodSandbox(id)
    onStep('node.remove-sandbox.after')
    await observed.refreshSandbox(uid, id)
  }
  cgroups.removePod(uid)
  await context.volumes.remove(uid)
  if (pod !== undefined) {
    await rm(podLogDirectory(context.podLogs, pod), { recursive: true, force: true })
  }
}

/**
 * Ends a pod that the API is deleting: containers stopped with the pod's grace,
 * the last status written, all traces removed, then the object itself.
 */
export async function terminatePod(
  context: NodeContext,
  pod: Pod,
  report: () => void,
): Promise<void> {
  const { metadata } = pod
  const uid = metadata.uid ?? ''
  const running = context.observed.get(uid).containers.filter(({ state }) => state === 'running')
  for (const { name } of running) {
    const message = `Stopping container ${name}`
    context.events.record({
      pod: podOf(pod),
      container: name,
      type: 'Normal',
      reason: 'Killing',
      message,
    })
  }
  await stopPod(context, uid, metadata.deletionGracePeriodSeconds ?? 30)
  report()
  await context.statuses.settled(uid)
  await removePod(context, uid, pod)
  context.onStep('node.delete.before')
  const options = { gracePeriodSeconds: 0, preconditions: { uid } }
  await context.api.delete(podPath(metadata), options).catch((error: unknown) => {
    // Gone already, or its name belongs to another pod by now.
    if (!isStatusCode(error, 404) && !isStatusCode(error, 409)) throw error
  })
  context.onStep('node.delete.after')
}
