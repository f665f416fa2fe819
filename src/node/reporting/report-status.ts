import { containerStatus, type StartFailure } from '../../domain/lifecycle/container-status.ts'
import type { BackingOff } from '../../domain/lifecycle/decide.ts'
import { latestContainer, readySandbox } from '../../domain/lifecycle/observed.ts'
import { isInitialized } from '../../domain/lifecycle/pod-phase.ts'
import { podStatus } from '../../domain/lifecycle/pod-status.ts'
import { statusOfVersion } from '../../domain/lifecycle/status-of-version.ts'
import {
  allContainers,
  type Container,
  type ContainerStatus,
  isSidecar,
  type Pod,
  type PodCondition,
} from '../../domain/pod.ts'
import { healthOf } from '../../domain/probe/container-health.ts'
import type { NodeContext } from '../node-context.ts'
import { podText } from '../api/pod-event.ts'
import { actualResources, podResources } from './reported-resources.ts'

/** What only the run that reports knows. */
export interface StatusFacts {
  readonly backingOff?: readonly BackingOff[]
  readonly failures?: ReadonlyMap<string, StartFailure>
  /** The node has given the pod up. */
  readonly failed?: { readonly reason: string; readonly message: string }
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
  const failed = rejection ?? facts.failed
  const sandbox = readySandbox(observed.get(uid))
  // A pod that was turned away has containers on paper only.
  const none = rejection !== undefined && observed.get(uid).containers.length === 0
  const inits = none
    ? []
    : statusesOf(context, pod, pod.spec.initContainers ?? [], facts, 'PodInitializing')
  const waiting = isInitialized(pod.spec, inits) ? 'ContainerCreating' : 'PodInitializing'
  const previous = pods.status(uid)
  const status = podStatus({
    spec: pod.spec,
    previous,
    known: pods.get(uid)?.status?.conditions,
    generation: pod.metadata.generation,
    containerStatuses: none ? [] : statusesOf(context, pod, pod.spec.containers, facts, waiting),
    initContainerStatuses: inits,
    sandboxReady: sandbox !== undefined,
    restarting: restartingContainers(context, pod),
    podIPs: pod.spec.hostNetwork === true ? [machine.address] : (sandbox?.ips ?? []),
    hostIP: machine.address,
    startTime: now,
    resizeConditions: conditions.get(uid),
    ...(failed === undefined ? {} : { failed: { reason: failed.reason, message: failed.message } }),
    now,
  })
  const whole = {
    ...status,
    ...(rejection?.condition && {
      conditions: withCondition(status.conditions ?? [], rejection.condition),
    }),
    ...podResources(context, pod, previous, status.phase),
  }
  pods.setStatus(uid, whole)
  statuses.report(pods.get(uid) ?? pod, statusOfVersion(whole, context.version))
}

/** Containers between the stop and the start of a restart for their size. */
function restartingContainers(
  { observed, checkpoint }: NodeContext,
  { metadata, spec }: Pod,
): ReadonlySet<string> {
  if (metadata.deletionTimestamp !== undefined) return new Set()
  const uid = metadata.uid ?? ''
  const stopped = checkpoint.restarting(uid)
  const names = allContainers(spec).map(({ name }) => name)
  return new Set(
    names.filter((name) => stopped.has(latestContainer(observed.get(uid), name)?.id ?? '')),
  )
}

function withCondition(
  conditions: readonly PodCondition[],
  condition: PodCondition,
): readonly PodCondition[] {
  return [...conditions.filter(({ type }) => type !== condition.type), condition]
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
      pod: podText(pod),
      runtimeName: context.runtimeName,
      waitingReason,
      health: healthOf(container, context.probes.results(idOf(context, pod, container))),
      runsOnce: !isSidecar(container) && (pod.spec.initContainers ?? []).includes(container),
      resources: actualResources(context, pod, container),
      ...(requests === undefined ? {} : { allocatedResources: requests }),
      ...(waiting === undefined ? {} : { backingOff: waiting }),
      ...(failure === undefined ? {} : { startFailure: failure }),
    })
  })
}

function idOf({ observed }: NodeContext, pod: Pod, { name }: Container): string {
  return latestContainer(observed.get(pod.metadata.uid ?? ''), name)?.id ?? ''
}
