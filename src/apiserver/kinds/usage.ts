import { timestamp } from '../../domain/timestamp.ts'
import type { Call, ServerParts } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { StatusError } from '../status-error.ts'
import { measuredPods } from '../usage/measured-pod.ts'
import type { Usage, UsageReport } from '../usage/usage-source.ts'

const group = 'metrics.k8s.io'
const version = 'v1beta1'
const apiVersion = `${group}/${version}`
const verbs = ['get', 'list'] as const

/** What nodes and pods use: measured when somebody asks. */
export const usageKinds: readonly Kind[] = [
  {
    group,
    version,
    verbs,
    kind: 'NodeMetrics',
    plural: 'nodes',
    singular: '',
    namespaced: false,
    type: 'metrics/v1beta1.NodeMetrics',
    computed: nodeMetrics,
  },
  {
    group,
    version,
    verbs,
    kind: 'PodMetrics',
    plural: 'pods',
    singular: '',
    namespaced: true,
    type: 'metrics/v1beta1.PodMetrics',
    computed: podMetrics,
  },
]

/** @throws StatusError 503 where nothing is measured. */
export async function readUsage({ usage }: Pick<ServerParts, 'usage'>): Promise<UsageReport> {
  if (usage !== undefined) return usage.read()
  throw new StatusError(503, 'ServiceUnavailable', 'no node is connected that could be measured')
}

async function nodeMetrics(call: Call): Promise<readonly KubeObject[]> {
  const report = await readUsage(call.server)
  const nodes = call.server.store.collection('nodes')
  return report.nodes.flatMap(({ name, ...usage }) => {
    const node = nodes.get(name)?.object
    if (node === undefined) return []
    const metadata = measuredMeta(node, report)
    return [{ kind: 'NodeMetrics', apiVersion, metadata, ...windowOf(report), usage: texts(usage) }]
  })
}

async function podMetrics(call: Call): Promise<readonly KubeObject[]> {
  const report = await readUsage(call.server)
  return measuredPods(call.server, report).map(({ pod, usage: { namespace, containers } }) => {
    const metadata = { ...measuredMeta(pod, report), namespace }
    const measured = containers.map((one) => ({ name: one.name, usage: texts(one) }))
    const object = { kind: 'PodMetrics', apiVersion, metadata, ...windowOf(report) }
    return { ...object, containers: measured }
  })
}

function measuredMeta(
  { metadata }: Pick<KubeObject, 'metadata'>,
  { at }: UsageReport,
): KubeObject['metadata'] {
  const { name, labels } = metadata
  return { name, creationTimestamp: timestamp(at), ...(labels && { labels }) }
}

function windowOf({ at, windowMs }: UsageReport) {
  return { timestamp: timestamp(at), window: `${(windowMs / 1000).toFixed(3)}s` }
}

function texts({ cpuNanos, memoryBytes }: Pick<Usage, 'cpuNanos' | 'memoryBytes'>) {
  return { cpu: `${Math.round(cpuNanos)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` }
}
