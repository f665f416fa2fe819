import type { ResourceList } from '../../domain/pod.ts'
import { parseQuantity, wholeValue } from '../../domain/quantity/quantity.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { KubeObject } from '../kube-object.ts'
import { statusOf, type MeasuredPod } from '../usage/measured-pod.ts'
import type { Usage, UsageReport } from '../usage/usage-source.ts'

/**
 * What a kubelet answers to `/stats/summary`: use of CPU and memory, none of disks and networks.
 *
 * @see Kubernetes kubelet/pkg/apis/stats/v1alpha1/types.go
 */
export function statsSummary(
  { at, nodes }: UsageReport,
  node: KubeObject,
  pods: readonly MeasuredPod[],
): object {
  const { name: nodeName, creationTimestamp: startTime } = node.metadata
  const usage = nodes.find(({ name }) => name === nodeName)
  const { capacity } = (node.status ?? {}) as { readonly capacity?: ResourceList }
  return {
    node: { nodeName, startTime, ...(usage && use(usage, at, memoryIn(capacity))) },
    pods: pods.map((one) => podStats(one, at)),
  }
}

function podStats({ pod, usage }: MeasuredPod, at: number): object {
  const { name, namespace, uid } = pod.metadata
  return {
    podRef: { name, namespace, uid },
    startTime: pod.status?.startTime ?? pod.metadata.creationTimestamp,
    containers: usage.containers.map((container) => {
      const { state, resources } = statusOf(pod, container.name) ?? {}
      return {
        name: container.name,
        startTime: state?.running?.startedAt,
        ...use(container, at, memoryIn(resources?.limits)),
      }
    }),
    ...(usage.whole && use(usage.whole, at)),
  }
}

function memoryIn(list: ResourceList | undefined): number | undefined {
  const quantity = parseQuantity(list?.['memory'] ?? '')
  return quantity === undefined ? undefined : wholeValue(quantity)
}

/** `most` is what there can be of memory, in bytes; absent where nothing limits it. */
function use({ cpuNanos, cpuTotalNanos, memoryBytes }: Usage, at: number, most?: number): object {
  const time = timestamp(at)
  const available = most === undefined ? {} : { availableBytes: Math.max(0, most - memoryBytes) }
  return {
    cpu: {
      time,
      usageNanoCores: Math.round(cpuNanos),
      usageCoreNanoSeconds: Math.round(cpuTotalNanos),
    },
    memory: { time, ...available, workingSetBytes: memoryBytes },
  }
}
