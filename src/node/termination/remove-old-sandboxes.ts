import type { NodeContext } from '../node-context.ts'
import { podUidLabel } from '../runtime/labels.ts'

/**
 * Removes the pod's sandboxes that are of no use any more: each that has ended and has no container,
 * as another has taken its place, or because its start took longer than a call may. Kubelet's
 * collector goes by the same rule; what ended in a sandbox keeps it, for its log and its exit code.
 *
 * @throws the runtime's error; trying again is safe.
 */
export async function removeOldSandboxes(
  { runtime, observed }: Pick<NodeContext, 'runtime' | 'observed'>,
  uid: string,
): Promise<void> {
  const ended = observed.get(uid).sandboxes.filter(({ ready }) => !ready)
  if (ended.length === 0) return
  const containers = await runtime.listContainers({ labels: { [podUidLabel]: uid } })
  const used = new Set(containers.map(({ podSandboxId }) => podSandboxId))
  for (const { id } of ended) {
    if (used.has(id)) continue
    await runtime.removePodSandbox(id)
    await observed.refreshSandbox(uid, id)
  }
}
