import type { Pod } from '../domain/pod.ts'
import { podKnobs } from '../domain/cgroup/knobs.ts'
import type { RunningContainer } from '../domain/resize/container-updates.ts'
import { effectiveSize } from '../domain/pod-resources.ts'
import { planResize, type ResizePlanInput, type ResizeStep } from '../domain/resize/plan.ts'
import { latestContainer } from '../domain/lifecycle/observed.ts'
import { updateResources } from './linux-resources.ts'
import type { NodeContext } from './node-context.ts'
import { podOf } from './pod-event.ts'
import { stopContainer } from './stop-pod.ts'

export type Actuation =
  /** Everything that runs has its allocated size; `changed` tells whether it took a step. */
  | { readonly kind: 'done'; readonly changed: boolean }
  /** The rest was not tried. What was applied stays; trying again goes on from there. */
  | { readonly kind: 'failed'; readonly message: string }

/**
 * Brings the running containers and the pod's cgroup to the allocated size: reads
 * what is there, plans, and does one step after the other. Each success is
 * recorded at once, so a crash repeats one step at most.
 *
 * @param pod with the allocated resources in its spec.
 */
export async function actuate(context: NodeContext, pod: Pod): Promise<Actuation> {
  const running = runningContainers(context, pod)
  const podCgroup = context.cgroups.readPod(pod)
  const wanted = podKnobs(pod.spec)
  const plan = planResize({
    allocated: pod.spec,
    podCgroup,
    podKnobs: wanted,
    // The kernel sums the usage up when it is read, which costs more than all the rest.
    ...(wanted.memoryLimit === podCgroup.memoryLimit && !running.some(changesMemory(pod))
      ? { running }
      : withMemoryUsage(context, pod, running)),
  })
  switch (plan.kind) {
    case 'nothing':
      return { kind: 'done', changed: false }
    case 'blocked':
      return { kind: 'failed', message: plan.message }
    case 'steps':
      return runSteps(context, pod, plan.steps)
    default:
      return plan satisfies never
  }
}

async function runSteps(
  context: NodeContext,
  pod: Pod,
  steps: readonly ResizeStep[],
): Promise<Actuation> {
  try {
    for (const step of steps) await runStep(context, pod, step)
    return { kind: 'done', changed: true }
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

async function runStep(context: NodeContext, pod: Pod, step: ResizeStep): Promise<void> {
  const { cgroups, checkpoint, runtime, resizeTurn, onStep } = context
  const uid = pod.metadata.uid ?? ''
  switch (step.kind) {
    case 'writePodCgroup':
      onStep('node.pod-cgroup.before')
      cgroups.writePod(pod, step.knobs)
      return onStep('node.pod-cgroup.after')
    case 'updateContainer':
      onStep('node.update.before')
      await resizeTurn(() =>
        runtime.updateContainerResources(step.containerId, updateResources(step.knobs)),
      )
      onStep('node.update.after')
      return checkpoint.recordActuated(uid, step.container, step.size)
    case 'restartContainer':
      return restart(context, pod, step)
    default:
      return step satisfies never
  }
}

/** Stops the container; it starts again with its new size by the ordinary way, at once. */
async function restart(
  context: NodeContext,
  pod: Pod,
  { container, containerId, reason: message }: Extract<ResizeStep, { kind: 'restartContainer' }>,
): Promise<void> {
  const uid = pod.metadata.uid ?? ''
  context.checkpoint.markRestarting(uid, containerId)
  context.backOffs.reset(uid, container)
  context.events.record({ pod: podOf(pod), container, type: 'Normal', reason: 'Killing', message })
  const grace = pod.spec.terminationGracePeriodSeconds ?? 30
  await stopContainer(context, uid, containerId, grace)
}

function runningContainers(context: NodeContext, pod: Pod): RunningContainer[] {
  const uid = pod.metadata.uid ?? ''
  const observed = context.observed.get(uid)
  const actuated = context.checkpoint.actuated(uid)
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].flatMap(({ name }) => {
    const latest = latestContainer(observed, name)
    if (latest?.state !== 'running') return []
    return [{ name, containerId: latest.id, actuated: actuated.get(name) ?? {} }]
  })
}

function changesMemory({ spec }: Pod): (running: RunningContainer) => boolean {
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  return ({ name, actuated }) => {
    const container = containers.find((one) => one.name === name)
    if (container === undefined) return false
    return effectiveSize(spec, container).memoryLimit !== actuated?.memoryLimit
  }
}

function withMemoryUsage(
  { cgroups }: NodeContext,
  pod: Pod,
  running: readonly RunningContainer[],
): Pick<ResizePlanInput, 'running' | 'podMemoryUsage'> {
  return {
    running: running.map((one) => ({
      ...one,
      memoryUsage: cgroups.containerMemoryUsage(pod, one.containerId),
    })),
    podMemoryUsage: cgroups.memoryUsage(pod),
  }
}
