import type { ContainerStatus, Pod } from '../../domain/pod.ts'
import type { ServerParts } from '../call.ts'
import { asPod } from '../kube-object.ts'
import type { PodUsage, UsageReport } from './usage-source.ts'

/** A pod of the node and what it uses. */
export interface MeasuredPod {
  readonly pod: Pod
  readonly usage: PodUsage
}

/** The pods of the report that are still there. */
export function measuredPods(
  { store }: Pick<ServerParts, 'store'>,
  { pods }: UsageReport,
): readonly MeasuredPod[] {
  const known = store.collection('pods')
  return pods.flatMap((usage) => {
    const found = known.get(`${usage.namespace}/${usage.name}`)
    return found === undefined ? [] : [{ pod: asPod(found.object), usage }]
  })
}

/** What the pod's status says of the container. */
export function statusOf({ status }: Pod, container: string): ContainerStatus | undefined {
  const all = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  return all.find(({ name }) => name === container)
}
