import type { ObjectMeta } from '../../domain/pod.ts'
import { milliValue, parseQuantity, wholeValue } from '../../domain/quantity/quantity.ts'
import { jsonAnswer } from '../../kube/client/json-answer.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { isKubeError } from '../../kube/client/kube-error.ts'
import type { ContainerUse } from '../../operate/cluster/usage.ts'

interface PodMetrics {
  readonly metadata: ObjectMeta
  readonly containers: readonly {
    readonly name: string
    readonly usage: { readonly cpu?: string; readonly memory?: string }
  }[]
}

/** The use of containers by `namespace/pod/container`, as metrics.k8s.io tells; none where there is no such API. */
export async function readMetrics(
  client: KubeClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ContainerUse>> {
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  try {
    const path = `/apis/metrics.k8s.io/v1beta1${where}/pods`
    const response = await client.request({ method: 'GET', path, signal })
    type Metrics = { readonly items?: readonly PodMetrics[] }
    const { items = [] } = await jsonAnswer<Metrics>(response, client.server, signal)
    return new Map(
      items.flatMap(({ metadata, containers }) =>
        containers.map(({ name, usage }) => {
          const cpu = parseQuantity(usage.cpu ?? '')
          const memory = parseQuantity(usage.memory ?? '')
          const use = {
            ...(cpu && { cpu: milliValue(cpu) }),
            memory: memory === undefined ? 0 : wholeValue(memory),
          }
          return [`${metadata.namespace}/${metadata.name}/${name}`, use] as const
        }),
      ),
    )
  } catch (error) {
    if (isKubeError(error) && error.code >= 400 && error.code !== 401) return new Map()
    throw error
  }
}
