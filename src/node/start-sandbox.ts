import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '../domain/pod.ts'
import type { NodeContext } from './node-context.ts'
import { podLogDirectory, sandboxConfig, type SandboxPlace } from './sandbox-config.ts'
import { stopPod } from './stop-pod.ts'
import { prepareVolumes } from './volumes.ts'

/** Where the pod's sandbox of this attempt lives on the node. */
export function sandboxPlace(context: NodeContext, pod: Pod, attempt: number): SandboxPlace {
  const { cgroups, podLogs, instance } = context
  return { attempt, cgroupParent: cgroups.parentOf(pod), podLogs, instance }
}

/**
 * Makes what the pod's containers share: cgroup, volumes, logs, network. An older
 * sandbox that died is stopped first, with what still runs in it.
 *
 * @throws VolumeError, CgroupError or the runtime's error; trying again is safe.
 */
export async function startSandbox(context: NodeContext, pod: Pod, attempt: number): Promise<void> {
  const { runtime, observed, cgroups, podsDir, podLogs, onStep } = context
  const uid = pod.metadata.uid ?? ''
  if (attempt > 0) {
    await stopPod(context, uid, pod.spec.terminationGracePeriodSeconds ?? 30)
    for (const { id } of observed.get(uid).sandboxes) await runtime.stopPodSandbox(id)
  }
  cgroups.createPod(pod)
  await prepareVolumes(join(podsDir, uid), pod)
  await mkdir(podLogDirectory(podLogs, pod), { recursive: true, mode: 0o755 })
  onStep('node.sandbox.before')
  const config = sandboxConfig(pod, sandboxPlace(context, pod, attempt))
  const id = await runtime.runPodSandbox(config).catch(async (error: unknown) => {
    await observed.refreshPod(uid).catch(() => {})
    throw error
  })
  onStep('node.sandbox.after')
  observed.adopt(uid, id)
  await observed.refreshSandbox(uid, id)
}
