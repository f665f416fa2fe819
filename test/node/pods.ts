import type { Container, ContainerStateWaiting, Pod } from '../../src/domain/pod.ts'
import type { Kubectl } from '../support/kubectl.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Goes on until it is told to stop, and stops at once. */
export const idle: Container = {
  name: 'main',
  image: 'busybox',
  command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 1000 & wait; done'],
}

export function podWith(name: string, ...containers: readonly Container[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { terminationGracePeriodSeconds: 2, containers },
  }
}

export function getPod(kubectl: Kubectl, name: string): Promise<Pod> {
  return kubectl.get<Pod>(['pod', name])
}

/** Waits until the pod is ready, and gives it as it is then. */
export function runningPod(kubectl: Kubectl, name: string): Promise<Pod> {
  return waitUntil(
    `pod ${name} to be ready`,
    () => getPod(kubectl, name),
    ({ status }) =>
      status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true,
    { withinMs: 20_000, everyMs: 100 },
  )
}

/** Why the pod's first container waits; empty if it does not. */
export async function waitingReason(
  kubectl: Kubectl,
  name: string,
): Promise<ContainerStateWaiting> {
  const { status } = await getPod(kubectl, name)
  return status?.containerStatuses?.[0]?.state?.waiting ?? {}
}

export interface TestEvent {
  readonly reason: string
  readonly message: string
  readonly type: string
  readonly count?: number
}

/** The events about a pod. */
export async function eventsOf(kubectl: Kubectl, name: string): Promise<readonly TestEvent[]> {
  const selector = `--field-selector=involvedObject.name=${name}`
  const { items } = await kubectl.get<{ items: readonly TestEvent[] }>(['events', selector])
  return items
}
