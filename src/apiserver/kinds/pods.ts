import type { Pod } from '../../domain/pod.ts'
import { qosClassOf } from '../../domain/qos.ts'
import { defaultPod } from '../admission/pod-defaults.ts'
import { validatePodCreate, validatePodUpdate } from '../admission/validate-pod.ts'
import { asPod, type KubeObject } from '../kube-object.ts'
import { bindPod } from '../pods/binding.ts'
import { podLog } from '../pods/log.ts'
import { shapedPod } from '../pods/pod-shape.ts'
import { streamNames, streamNeedsUpgrade } from '../pods/streams.ts'
import { acceptResize } from '../resize.ts'
import { acceptStatus } from '../rest/accept.ts'
import type { Accept } from '../rest/change.ts'
import { podColumns } from '../table/columns/pod.ts'
import type { Kind } from './kind.ts'
import { partialSubresource } from './status-subresource.ts'

const defaultGraceSeconds = 30

export const pods: Kind = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  type: 'core/v1.Pod',
  subresources: [
    partialSubresource('status', acceptPodStatus),
    partialSubresource('resize', acceptResize),
    {
      name: 'binding',
      verbs: ['create'],
      responseKind: { group: '', version: 'v1', kind: 'Binding' },
      handle: bindPod,
    },
    { name: 'log', verbs: ['get'], handle: podLog },
    ...streamNames.map((name) => ({
      name,
      verbs: ['create', 'get'] as const,
      responseKind: { group: '', version: 'v1', kind: optionsKind(name) },
      handle: streamNeedsUpgrade,
    })),
  ],
  columns: podColumns,
  selectable: {
    'spec.nodeName': (object) => asPod(object).spec.nodeName ?? '',
    'spec.restartPolicy': (object) => asPod(object).spec.restartPolicy ?? '',
    'spec.schedulerName': (object) => text(asPod(object).spec, 'schedulerName'),
    'spec.serviceAccountName': (object) => text(asPod(object).spec, 'serviceAccountName'),
    'spec.hostNetwork': (object) => String(asPod(object).spec.hostNetwork ?? false),
    'status.phase': (object) => asPod(object).status?.phase ?? '',
    'status.podIP': (object) => asPod(object).status?.podIP ?? '',
    'status.podIPs': (object) => (asPod(object).status?.podIPs ?? []).map(({ ip }) => ip).join(','),
    'status.nominatedNodeName': (object) => text(asPod(object).status, 'nominatedNodeName'),
  },
  counted: true,
  hasStatus: true,
  answersDeleted: true,
  applyDefaults: (object) => withPod(object, defaultPod(shapedPod(object))),
  prepareCreate: (object) => ({
    ...object,
    status: { phase: 'Pending', qosClass: qosClassOf(asPod(object).spec) },
  }),
  validateCreate: (object) => validatePodCreate(asPod(object)),
  validateUpdate: (old, submitted) => validatePodUpdate(asPod(old), asPod(submitted)),
  gracePeriod: podGracePeriod,
}

/** Status as reported; the QoS class is the API server's own and stays. */
function acceptPodStatus(...[call, old, submitted]: Parameters<Accept>): KubeObject {
  const next = acceptStatus(call, old, submitted)
  const qosClass = asPod(old).status?.qosClass
  return qosClass === undefined ? next : { ...next, status: { ...asPod(next).status, qosClass } }
}

/**
 * Seconds until a deleted pod may be removed. Nobody has to stop a pod that is
 * on no node or has ended already.
 *
 * @see Kubernetes pkg/registry/core/pod/strategy.go, CheckGracefulDelete
 */
function podGracePeriod(object: KubeObject, asked: number | undefined): number {
  const { spec, status } = asPod(object)
  const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
  if ((spec.nodeName ?? '') === '' || ended) return 0
  const period = asked ?? spec.terminationGracePeriodSeconds ?? defaultGraceSeconds
  return period < 0 ? 1 : period
}

function withPod(object: KubeObject, pod: Pod): KubeObject {
  return { ...object, ...pod }
}

function text(part: object | undefined, field: string): string {
  const value = (part as Readonly<Record<string, unknown>> | undefined)?.[field]
  return typeof value === 'string' ? value : ''
}

function optionsKind(stream: string): string {
  switch (stream) {
    case 'exec':
      return 'PodExecOptions'
    case 'attach':
      return 'PodAttachOptions'
    default:
      return 'PodPortForwardOptions'
  }
}
