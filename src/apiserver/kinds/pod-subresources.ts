import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { validatePodStatus } from '../admission/pods/validate-pod-status.ts'
import { withPodAddresses } from '../pods/pod-addresses.ts'
import type { Subresource } from '../kind/kind.ts'
import { asPod, type KubeObject } from '../kube-object.ts'
import { bindPod } from '../pods/binding.ts'
import { evictPod } from '../pods/eviction.ts'
import { podLog } from '../pods/log.ts'
import { streamNames, streamNeedsUpgrade } from '../pods/streams.ts'
import { acceptResize } from '../resize.ts'
import { acceptStatus } from '../rest/accept.ts'
import type { Accept } from '../rest/change.ts'
import { invalid, StatusError } from '../status-error.ts'
import { partialSubresource } from './status-subresource.ts'

/** The endpoints below pods/NAME; `resize` is one from Kubernetes 1.32 on. */
export function podSubresources(version: KubeVersion): readonly Subresource[] {
  return [
    partialSubresource('status', acceptPodStatus),
    ...(atLeast(version, '1.32') ? [partialSubresource('resize', acceptResize)] : []),
    {
      name: 'binding',
      verbs: ['create'],
      responseKind: { group: '', version: 'v1', kind: 'Binding' },
      type: 'core/v1.Binding',
      handle: bindPod,
    },
    {
      name: 'eviction',
      verbs: ['create'],
      responseKind: { group: 'policy', version: 'v1', kind: 'Eviction' },
      type: 'policy/v1.Eviction',
      handle: evictPod,
    },
    { name: 'ephemeralcontainers', verbs: ['get', 'patch', 'update'], handle: refuseEphemeral },
    { name: 'log', verbs: ['get'], type: 'string', handle: podLog },
    ...streamNames.map((name) => ({
      name,
      verbs: ['create', 'get'] as const,
      responseKind: { group: '', version: 'v1', kind: optionsKind(name) },
      type: 'string',
      handle: streamNeedsUpgrade,
    })),
  ]
}

/** Status as reported; the QoS class is the API server's own and stays where it is left out. */
function acceptPodStatus(...[call, old, submitted]: Parameters<Accept>): KubeObject {
  const reported = withPodAddresses(acceptStatus(call, old, submitted))
  const { status } = asPod(reported)
  const qosClass = (status?.qosClass || asPod(old).status?.qosClass) ?? ''
  const next = qosClass === '' ? reported : { ...reported, status: { ...status, qosClass } }
  const errors = validatePodStatus(asPod(old), asPod(next))
  if (errors.length > 0) throw invalid(call.target.kind, old.metadata.name, errors)
  return next
}

/** As a cluster without the feature answers; kubectl debug explains it by this message. */
function refuseEphemeral(): Promise<Response> {
  const why = 'podfit runs no ephemeral containers; kubectl exec works in the containers there are'
  return Promise.reject(new StatusError(404, 'NotFound', why, {}))
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
