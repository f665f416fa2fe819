import type { KubeVersion } from '../../domain/kube-version.ts'
import type { ObjectMeta, Pod, ResourceList } from '../../domain/pod.ts'
import { timestamp } from '../../domain/timestamp.ts'
import type { KubeClient } from '../../kube/client/kube-client.ts'
import { createEventRecorder } from '../../kube/event/event-recorder.ts'
import { nodes, pods } from '../../kube/object/resource.ts'
import { startInformer } from '../../kube/watch/informer.ts'
import type { NodeRoom, Taint } from '../../scheduler/node-room.ts'
import { Scheduler } from '../../scheduler/scheduler.ts'
import { TaintEviction } from '../../scheduler/taint-eviction.ts'
import type { Log } from '../log.ts'
import { pathApi } from './kube-api.ts'

type NodeConditions = readonly { readonly type: string; readonly status: string }[]

interface Node {
  readonly metadata: ObjectMeta
  readonly spec?: { readonly unschedulable?: boolean; readonly taints?: readonly Taint[] }
  readonly status?: {
    readonly allocatable?: ResourceList
    readonly conditions?: NodeConditions
  }
}

/** Binds pods without a node, and takes them from nodes whose taints they do not bear, until `signal` aborts. */
export function startScheduler(
  client: KubeClient,
  version: KubeVersion,
  log: Log,
  signal: AbortSignal,
): void {
  const recorder = createEventRecorder({ client, component: 'default-scheduler' })
  const onError = (error: unknown): void => log.warn('A watch of the scheduler broke', error)
  const changed = (): void => {
    scheduler.changed()
    eviction.changed()
  }
  const handlers = { onAdd: changed, onUpdate: changed, onDelete: changed }
  const allPods = startInformer<Pod>({ client, resource: pods, handlers, onError, signal })
  const allNodes = startInformer({ client, resource: nodes, handlers, onError, signal })
  const rooms = () => [...allNodes.cache.values()].map((node) => roomOf(node as Node))
  const scheduler = new Scheduler({
    version,
    api: pathApi(client),
    nodes: rooms,
    pods: () => allPods.cache.values(),
    event: (pod, type, reason, message) =>
      recorder.record(
        { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata },
        { type, reason, message },
      ),
    onError: (pod, error) => log.warn(`Cannot place pod ${pod.metadata.name}`, error),
  })
  const evictions = createEventRecorder({ client, component: 'taint-eviction-controller' })
  const eviction = new TaintEviction({
    nodes: rooms,
    pods: () => allPods.cache.values(),
    evict: (pod) => evictForTaint(client, pod),
    event: (pod, message) =>
      evictions.record(
        { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata },
        { type: 'Normal', reason: 'TaintManagerEviction', message },
      ),
    onError: (pod, error) => log.warn(`Cannot evict pod ${pod.metadata.name}`, error),
    signal,
  })
}

/** Says on the pod why it goes, and deletes it with the time that it is given. */
async function evictForTaint(client: KubeClient, { metadata }: Pod): Promise<void> {
  const { name, namespace = 'default', uid = '' } = metadata
  const api = pathApi(client)
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    lastTransitionTime: timestamp(new Date()),
  }
  await api.patch(`${path}/status`, 'strategic', {
    metadata: { uid },
    status: { conditions: [condition] },
  })
  await api.delete(path, { preconditions: { uid } })
}

function roomOf({ metadata, spec, status }: Node): NodeRoom {
  return {
    name: metadata.name,
    allocatable: status?.allocatable ?? {},
    labels: metadata.labels ?? {},
    taints: [...(spec?.taints ?? []), ...taintsOfReadiness(status?.conditions)],
    unschedulable: spec?.unschedulable === true,
  }
}

/** What Kubernetes' node controller puts on nodes that are not ready. */
function taintsOfReadiness(conditions: NodeConditions = []): readonly Taint[] {
  const ready = conditions.find(({ type }) => type === 'Ready')?.status
  if (ready === 'True') return []
  const why = ready === 'Unknown' ? 'unreachable' : 'not-ready'
  return [{ key: `node.kubernetes.io/${why}`, effect: 'NoSchedule' }]
}
