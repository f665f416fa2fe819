import { type Container, isSidecar, type PodSpec } from '../pod.ts'
import type { ContainerHealth } from '../probe/container-health.ts'
import { probeOf } from '../probe/container-health.ts'
import { latestContainer, type ObservedContainer, type ObservedPod } from './observed.ts'

/** A running container that has to be stopped, so that it starts anew or stays away. */
export interface ContainerKill {
  readonly container: Container
  readonly containerId: string
  /** Of the event, as a kubelet words it. */
  readonly message: string
  readonly graceSeconds: number
  /** It starts again whatever the restart policy makes of its exit code. */
  readonly restarts: boolean
}

const defaultGraceSeconds = 30

/**
 * The containers that must not go on as they are: those that their startup or
 * liveness probe gave up, and those whose image is another one by now.
 *
 * @param health by container id
 * @see kubelet's computePodActions.
 */
export function containersToKill(
  spec: PodSpec,
  observed: ObservedPod,
  health: ReadonlyMap<string, ContainerHealth>,
): readonly ContainerKill[] {
  const inits = (spec.initContainers ?? []).filter(isSidecar)
  return [...inits, ...spec.containers].flatMap((container) => {
    const latest = latestContainer(observed, container.name)
    if (latest?.state !== 'running') return []
    const kill = killOf(spec, container, latest, health.get(latest.id)?.failed)
    return kill === undefined ? [] : [kill]
  })
}

function killOf(
  spec: PodSpec,
  container: Container,
  { id: containerId, requestedImage }: ObservedContainer,
  failed: ContainerHealth['failed'],
): ContainerKill | undefined {
  const { name } = container
  const grace = spec.terminationGracePeriodSeconds ?? defaultGraceSeconds
  if (requestedImage !== undefined && requestedImage !== (container.image ?? '')) {
    const message = `Container ${name} definition changed, will be restarted`
    return { container, containerId, message, graceSeconds: grace, restarts: true }
  }
  if (failed === undefined) return undefined
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always'
  const graceSeconds = probeOf(container, failed)?.terminationGracePeriodSeconds ?? grace
  const message = `Container ${name} failed ${failed} probe${policy === 'Never' ? '' : ', will be restarted'}`
  // Always restarts by itself, with its back-off.
  return { container, containerId, message, graceSeconds, restarts: policy === 'OnFailure' }
}
