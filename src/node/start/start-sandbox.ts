import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dnsOf } from '../../domain/lifecycle/dns.ts'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import { endPod } from '../termination/end-pod.ts'
import type { NodeContext } from '../node-context.ts'
import { podOf } from '../api/pod-event.ts'
import { removeOldSandboxes } from '../termination/remove-old-sandboxes.ts'
import { podLogDirectory, sandboxConfig, type SandboxPlace } from '../containers/sandbox-config.ts'
import { sourcesOf } from '../containers/sources.ts'

const sandboxChanged = {
  reason: 'SandboxChanged',
  message: 'Pod sandbox changed, it will be killed and re-created.',
}

/** Where the pod's sandbox of this attempt lives on the node. */
export function sandboxPlace(context: NodeContext, pod: Pod, attempt: number): SandboxPlace {
  const { cgroups, podLogs, instance } = context
  const dns = dnsOf(pod.spec, nodeResolver())
  return { attempt, cgroupParent: cgroups.pods.parentOf(pod), podLogs, instance, dns }
}

/** A machine without a resolver gives none to its pods. */
function nodeResolver(): string {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8')
  } catch {
    return ''
  }
}

/**
 * What is stopped with its old sandbox starts again in the new one, whatever its exit code says,
 * and at once: it has not crashed, and could not be started in the sandbox that was ending.
 */
function oweRestarts(
  { observed, checkpoint, backOffs }: NodeContext,
  { metadata, spec }: Pod,
): void {
  const uid = metadata.uid ?? ''
  for (const { name } of allContainers(spec)) {
    backOffs.reset(uid, name)
    const latest = latestContainer(observed.get(uid), name)
    if (latest?.state === 'running') checkpoint.markRestarting(uid, latest.id)
  }
}

/**
 * Makes what the pod's containers share: cgroup, volumes, logs, network. An older
 * sandbox that died is stopped first, with what still runs in it, as any pod that ends.
 *
 * @throws VolumeError, CgroupError or the runtime's error; trying again is safe.
 */
export async function startSandbox(context: NodeContext, pod: Pod, attempt: number): Promise<void> {
  const { runtime, observed, cgroups, volumes, hostPorts, podLogs, onStep } = context
  const uid = pod.metadata.uid ?? ''
  if (attempt > 0) {
    context.events.record({ pod: podOf(pod), type: 'Normal', ...sandboxChanged })
    oweRestarts(context, pod)
    await endPod(context, pod, pod.spec.terminationGracePeriodSeconds ?? 30)
    for (const { id } of observed.get(uid).sandboxes) await runtime.stopPodSandbox(id)
    await removeOldSandboxes(context, uid)
  }
  await cgroups.pods.create(pod)
  await volumes.prepare(sourcesOf(context, pod))
  await mkdir(podLogDirectory(podLogs, pod), { recursive: true, mode: 0o755 })
  onStep('node.sandbox.before')
  const config = sandboxConfig(pod, sandboxPlace(context, pod, attempt))
  if (config.portMappings !== undefined) await hostPorts.open()
  const id = await runtime.runPodSandbox(config).catch(async (error: unknown) => {
    await observed.refreshPod(uid).catch(() => {})
    throw error
  })
  onStep('node.sandbox.after')
  observed.adopt(id, { uid, kind: 'sandbox' })
  await observed.refreshSandbox(uid, id)
}
