import type { Pod } from '../domain/pod.ts'
import { planResize, type ResizeStep } from '../domain/resize/plan.ts'
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
  const uid = pod.metadata.uid ?? ''
  const plan = planResize({
    spec: pod.spec,
    actuated: context.checkpoint.actuated(uid),
    running: runningContainers(context, pod),
    podCgroup: context.cgroups.readPod(pod),
    memoryUsage: {
      pod: () => context.cgroups.memoryUsage(pod),
      container: (name: string) => containerUsage(context, pod, name),
    },
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
  const { cgroups, checkpoint, runtime, resizeTurn } = context
  const uid = pod.metadata.uid ?? ''
  switch (step.kind) {
    case 'writePodCgroup':
      return cgroups.writePod(pod, step.knobs)
    case 'updateContainer': {
      const id = runningId(context, uid, step.container)
      // It ended meanwhile: its next start has the new size.
      if (id === undefined) return
      await resizeTurn(() => runtime.updateContainerResources(id, updateResources(step.knobs)))
      return checkpoint.recordActuated(uid, step.container, step.size)
    }
    case 'restartContainer':
      return restart(context, pod, step.container)
    default:
      return step satisfies never
  }
}

/** Stops the container; it starts again with its new size by the ordinary way, at once. */
async function restart(context: NodeContext, pod: Pod, name: string): Promise<void> {
  const uid = pod.metadata.uid ?? ''
  const id = runningId(context, uid, name)
  if (id === undefined) return
  context.checkpoint.markRestarting(uid, id)
  context.backOffs.reset(uid, name)
  const message = `Container ${name} resize requires restart`
  context.events.record({ pod: podOf(pod), container: name, type: 'Normal', reason: 'Killing', message })
  await stopContainer(context, uid, id, pod.spec.terminationGracePeriodSeconds ?? 30)
}

function runningContainers({ observed }: NodeContext, pod: Pod): ReadonlySet<string> {
  const { containers } = observed.get(pod.metadata.uid ?? '')
  return new Set(containers.filter(({ state }) => state === 'running').map(({ name }) => name))
}

function runningId({ observed }: NodeContext, uid: string, name: string): string | undefined {
  const latest = latestContainer(observed.get(uid), name)
  return latest?.state === 'running' ? latest.id : undefined
}

function containerUsage(context: NodeContext, pod: Pod, name: string): number | undefined {
  const id = runningId(context, pod.metadata.uid ?? '', name)
  return id === undefined ? undefined : context.cgroups.containerMemoryUsage(pod, id)
}
