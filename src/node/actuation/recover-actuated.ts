import { recoveredSize } from '../../domain/cgroup/recovered-size.ts'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { unlessGone } from '../unless-gone.ts'

/**
 * Takes what running containers have for what they were told, where the checkpoint does not
 * know them: it was lost. Without that each would be updated, or restarted, once more.
 *
 * @param pod with the allocated resources in its spec.
 */
export function recoverActuated(context: NodeContext, pod: Pod): void {
  const { checkpoint, observed, cgroups, pods } = context
  const { metadata, spec } = pod
  const uid = metadata.uid ?? ''
  const known = checkpoint.actuated(uid)
  for (const container of allContainers(spec)) {
    const { name } = container
    const latest = latestContainer(observed.get(uid), name)
    if (known.has(name) || latest?.state !== 'running') continue
    const reading = unlessGone(() => cgroups.containers.read(pod, latest.id))
    if (reading === undefined) continue
    const status = pods.status(uid)
    const shown = [
      ...(status?.initContainerStatuses ?? []),
      ...(status?.containerStatuses ?? []),
    ].find((one) => one.name === name)?.resources
    const { systemd } = cgroups
    const size = recoveredSize({ spec, container, shown, reading, systemd })
    checkpoint.recordActuated(uid, name, size)
  }
}
