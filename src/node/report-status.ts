import { containerResources } from '../domain/cgroup/status.ts'
import { containerStatus, type StartFailure } from '../domain/lifecycle/container-status.ts'
import type { BackingOff } from '../domain/lifecycle/decide.ts'
import { latestContainer, readySandbox } from '../domain/lifecycle/observed.ts'
import { isInitialized, podStatus } from '../domain/lifecycle/pod-status.ts'
import { statusOfVersion } from '../domain/lifecycle/status-of-version.ts'
import type { Container, ContainerStatus, Pod, ResourceRequirements } from '../domain/pod.ts'
import type { NodeContext } from './node-context.ts'

/** What only the run that reports knows. */
export interface StatusFacts {
  readonly backingOff?: readonly BackingOff[]
  readonly failures?: ReadonlyMap<string, StartFailure>
}

/**
 * Tells the API what the pod is now: containers as the runtime shows them,
 * resources as the kernel has them, conditions as the node has decided them.
 *
 * @param pod with the allocated resources in its spec.
 */
export function reportStatus(context: NodeContext, pod: Pod, facts: StatusFacts = {}): void {
  const { pods, observed, conditions, allocator, statuses, machine } = context
  const uid = pod.metadata.uid ?? ''
  const now = context.now().getTime()
  const rejection = allocator.rejection(uid)
  const sandbox = readySandbox(observed.get(uid))
  const inits = statusesOf(context, pod, pod.spec.initContainers ?? [], facts, 'PodInitializing')
  const waiting = isInitialized(pod.spec, inits) ? 'ContainerCreating' : 'PodInitializing'
  const status = podStatus({
    spec: pod.spec,
    previous: pods.status(uid),
    generation: pod.metadata.generation,
    containerStatuses: statusesOf(context, pod, pod.spec.containers, facts, waiting),
    initContainerStatuses: inits,
    sandboxReady: sandbox !== undefined,
    podIPs: pod.spec.hostNetwork === true ? [machine.address] : (sandbox?.ips ?? []),
    hostIP: machine.address,
    startTime: now,
    resizeConditions: conditions.get(uid),
    ...(rejection === undefined ? {} : { failed: rejection }),
    now,
  })
  pods.setStatus(uid, status)
  const known = pods.get(uid)?.status
  statuses.report(
    known === undefined ? pod : { ...pod, status: known },
    statusOfVersion(status, context.version),
  )
}

function statusesOf(
  context: NodeContext,
  pod: Pod,
  containers: readonly Container[],
  { backingOff = [], failures = new Map() }: StatusFacts,
  waitingReason: string,
): ContainerStatus[] {
  const observed = context.observed.get(pod.metadata.uid ?? '')
  return containers.map((container) => {
    const waiting = backingOff.find((one) => one.container === container.name)
    const failure = failures.get(container.name)
    const requests = container.resources?.requests
    return containerStatus(container, {
      observed,
      waitingReason,
      resources: actualResources(context, pod, container),
      ...(requests === undefined ? {} : { allocatedResources: requests }),
      ...(waiting === undefined ? {} : { backingOff: waiting }),
      ...(failure === undefined ? {} : { startFailure: failure }),
    })
  })
}

/** What the container has by its cgroup files; what it was promised while it does not run. */
function actualResources(
  { observed, cgroups, checkpoint }: NodeContext,
  pod: Pod,
  container: Container,
): ResourceRequirements {
  const uid = pod.metadata.uid ?? ''
  const latest = latestContainer(observed.get(uid), container.name)
  const allocated = container.resources ?? {}
  if (latest?.state !== 'running') return allocated
  const actuated = checkpoint.actuated(uid).get(container.name) ?? {}
  return containerResources({ allocated, actuated, reading: cgroups.readContainer(pod, latest.id) })
}
