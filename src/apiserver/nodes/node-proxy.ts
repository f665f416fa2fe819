import type { ServerParts } from '../call.ts'
import { resourceId } from '../kind/kind.ts'
import { nodes } from '../kinds/nodes.ts'
import { readUsage } from '../kinds/usage.ts'
import { asPod, listItem, type KubeObject } from '../kube-object.ts'
import { notFound, StatusError, unknownPath } from '../status-error.ts'
import { measuredPods } from '../usage/measured-pod.ts'
import { cadvisorMetrics } from './cadvisor-metrics.ts'
import { prometheusText } from './prometheus-text.ts'
import { resourceMetrics } from './resource-metrics.ts'
import { statsSummary } from './stats-summary.ts'

/** What a node tells of itself, as a kubelet does at these paths. */
export interface ConnectedNode {
  /** `/configz`, in the words of kubelet.config.k8s.io. */
  readonly configuration: object
  /** `/metrics`, in the text form of Prometheus. */
  readonly metrics: { readonly registry: { metrics(): Promise<string>; contentType: string } }
}

/** What a path is answered from. */
interface Asked {
  readonly parts: ProxyParts
  /** As the API server has it. */
  readonly node: KubeObject
  readonly connected: ConnectedNode
}

type ProxyParts = Pick<ServerParts, 'store' | 'usage'>

const endpoints: Readonly<Record<string, (asked: Asked) => Promise<Response>>> = {
  configz: async ({ connected }) => Response.json({ kubeletconfig: connected.configuration }),
  healthz: async () => text('ok', 'text/plain; charset=utf-8'),
  metrics: async ({ connected: { metrics } }) => {
    return text(await metrics.registry.metrics(), metrics.registry.contentType)
  },
  'metrics/cadvisor': async ({ parts, node }) => {
    const report = await readUsage(parts)
    const figures = (cgroup: string) => parts.usage?.figures(cgroup)
    return text(cadvisorMetrics(report, node, measuredPods(parts, report), figures), prometheusText)
  },
  'metrics/resource': async ({ parts }) => {
    const report = await readUsage(parts)
    return text(resourceMetrics(report, measuredPods(parts, report)), prometheusText)
  },
  pods: async ({ parts, node }) => text(podList(parts, node), 'application/json'),
  'stats/summary': async ({ parts, node }) => {
    const report = await readUsage(parts)
    return Response.json(statsSummary(report, node, measuredPods(parts, report)))
  },
}

/**
 * `/api/v1/nodes/NAME/proxy/PATH` for what clients read of a kubelet to judge sizes and use.
 * Nothing else of a node is passed on.
 *
 * @throws StatusError 404 for no such node or path, 503 while the node is not connected.
 */
export async function proxyToNode(
  parts: ProxyParts,
  id: string,
  path: string,
  connected: ((name: string) => ConnectedNode | undefined) | undefined,
): Promise<Response> {
  const name = nodeIn(id)
  const node = parts.store.collection(resourceId(nodes)).get(name)?.object
  if (node === undefined) throw notFound(nodes, name)
  const answer = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined
  if (answer === undefined) throw unknownPath()
  const found = connected?.(name)
  if (found === undefined) {
    throw new StatusError(503, 'ServiceUnavailable', `node ${name} is not connected`, {})
  }
  return answer({ parts, node, connected: found })
}

/** `NAME`, `NAME:10250` and `https:NAME:10250` mean the same: a kubelet's port is that. */
function nodeIn(id: string): string {
  const [, plain, withScheme] = /^(?:([^:]+)(?::10250)?|https?:([^:]+):(?:10250)?)$/.exec(id) ?? []
  return plain ?? withScheme ?? id
}

function text(body: string, type: string): Response {
  return new Response(body, { headers: { 'content-type': type } })
}

/** As a kubelet lists them: in no state of the API, so without a resourceVersion. */
function podList({ store }: ProxyParts, node: KubeObject): string {
  const items = store
    .collection('pods')
    .list('')
    .filter(({ object }) => asPod(object).spec.nodeName === node.metadata.name)
    .map(({ object, json }) => listItem(object, json))
  return `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[${items.join(',')}]}\n`
}
