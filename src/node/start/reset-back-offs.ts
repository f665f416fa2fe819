import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { sameSize } from '../../domain/resources/size.ts'
import type { NodeContext } from '../node-context.ts'

/** A container that keeps crashing starts at once with another size (kubelet: the size is in the back-off's key). */
export function resetBackOffs(
  { checkpoint, observed, backOffs, startRetries }: NodeContext,
  { metadata, spec }: Pod,
): void {
  const uid = metadata.uid ?? ''
  const actuated = checkpoint.actuated(uid)
  for (const container of allContainers(spec)) {
    const last = actuated.get(container.name)
    if (last === undefined || sameSize(last, effectiveSize(spec, container))) continue
    startRetries.reset(uid, container.name)
    // One whose cgroup kept it from starting is there, and has not run.
    const runs = latestContainer(observed.get(uid), container.name)?.state === 'running'
    if (!runs) backOffs.reset(uid, container.name)
  }
}
