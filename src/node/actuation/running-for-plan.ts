import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import type { RunningContainer } from '../../domain/resize/actuation/container-updates.ts'
import type { ResizePlanInput } from '../../domain/resize/actuation/plan.ts'
import type { NodeContext } from '../node-context.ts'

/**
 * The containers that run, with the sizes that they have, as the plan of a resize needs them.
 *
 * @param changesPod whether the memory limit of the pod's cgroup changes
 */
export function runningForPlan(
  context: NodeContext,
  pod: Pod,
  changesPod: boolean,
): Pick<ResizePlanInput, 'running' | 'podMemory'> {
  const running = runningContainers(context, pod)
  // The kernel sums the usage up when it is read, which costs more than all the rest.
  return changesPod || running.some(changesMemory(pod))
    ? withMemoryUsage(context, pod, running)
    : { running }
}

function runningContainers(context: NodeContext, pod: Pod): RunningContainer[] {
  const uid = pod.metadata.uid ?? ''
  const observed = context.observed.get(uid)
  const actuated = context.checkpoint.actuated(uid)
  const updating = context.checkpoint.updating(uid)
  const restarting = context.checkpoint.restarting(uid)
  return allContainers(pod.spec).flatMap(({ name }) => {
    const latest = latestContainer(observed, name)
    if (latest?.state !== 'running') return []
    const unfinished = updating.get(name)
    return [
      {
        name,
        containerId: latest.id,
        actuated: actuated.get(name),
        restarting: restarting.has(latest.id),
        ...(unfinished === undefined ? {} : { updating: unfinished }),
      },
    ]
  })
}

function changesMemory({ spec }: Pod): (running: RunningContainer) => boolean {
  const containers = allContainers(spec)
  return ({ name, actuated, updating }) => {
    const container = containers.find((one) => one.name === name)
    if (container === undefined) return false
    if (updating !== undefined) return true
    return effectiveSize(spec, container).memoryLimit !== actuated?.memoryLimit
  }
}

/** With what each holds now, which is read only for a size that changes memory. */
function withMemoryUsage(
  { cgroups }: NodeContext,
  pod: Pod,
  running: readonly RunningContainer[],
): Pick<ResizePlanInput, 'running' | 'podMemory'> {
  return {
    running: running.map((one) => {
      const of = { kind: 'container', container: one.name, containerId: one.containerId } as const
      return { ...one, memory: cgroups.memory.of(pod, of).sample() }
    }),
    podMemory: cgroups.memory.of(pod, { kind: 'pod' }).sample(),
  }
}
