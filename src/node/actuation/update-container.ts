import { containerNamed } from '../../domain/lifecycle/environment.ts'
import type { CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import type { Pod } from '../../domain/pod.ts'
import { asLongStep } from '../as-step.ts'
import { unifiedResources, updateResources } from '../containers/linux-resources.ts'
import type { NodeContext } from '../node-context.ts'

export interface ContainerUpdate {
  readonly container: string
  readonly containerId: string
  readonly knobs: CgroupKnobs
}

/**
 * Tells the runtime what a running container is to have, CPU and memory in one call.
 *
 * @throws CriError in the runtime's own words
 */
export async function updateContainer(
  { cgroups, runtime, onStep }: NodeContext,
  pod: Pod,
  { container: name, containerId, knobs }: ContainerUpdate,
): Promise<void> {
  const container = containerNamed(pod, name)
  const resources = {
    ...updateResources(knobs),
    ...(container && unifiedResources(pod.spec, container, cgroups.memoryPolicy())),
  }
  await asLongStep(onStep, 'node.update', () =>
    runtime.updateContainerResources(containerId, resources),
  )
}
