import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import type { Pod, PodCondition } from '../../domain/pod.ts'
import { isOver } from '../../domain/pod/is-over.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import { defaultPod } from '../admission/defaults/pod-defaults.ts'
import { podWarnings } from '../admission/pods/pod-warnings.ts'
import { validatePodCreate, validatePodUpdate } from '../admission/pods/validate-pod.ts'
import type { Call } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import { asPod, type KubeObject } from '../kube-object.ts'
import { refuseOutOfRange, withLimitRanges } from '../pods/limit-ranges.ts'
import { shapedPod } from '../pods/pod-shape.ts'
import { keepPriority, withPriority } from '../pods/priority.ts'
import { withProposedResize } from '../pods/proposed-resize.ts'
import { refuseRuntimeClass } from '../pods/runtime-class.ts'
import { withServiceAccount } from '../pods/service-account.ts'
import { chargeQuotas } from '../quota/charge.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { hasValue } from '../schema/read-json.ts'
import { podColumns } from '../table/columns/pod.ts'
import { podSubresources } from './pod-subresources.ts'

const defaultGraceSeconds = 30

/** Pods as Kubernetes `version` has them: generations and the way of resizing differ. */
export function podKind(version: KubeVersion): Kind {
  return {
    ...identity,
    subresources: podSubresources(version),
    columns: podColumns,
    selectable,
    counted: atLeast(version, '1.33'),
    hasStatus: true,
    answersDeleted: true,
    applyDefaults: (object) => withPod(object, defaultPod(shapedPod(object), version)),
    prepareCreate: preparePod,
    prepareUpdate: (old, submitted) => {
      const kept = keepPriority(asPod(old), asPod(submitted))
      const next = resizesByUpdate(version) ? withProposedResize(asPod(old), kept, version) : kept
      return withPod(submitted, next)
    },
    warnCreate: (object) => podWarnings(asPod(object)),
    validateCreate: (object) => validatePodCreate(asPod(object), version),
    validateUpdate: (old, submitted) => validatePodUpdate(asPod(old), asPod(submitted), version),
    admitCreate: (object, call) => refuseOutOfRange(call, asPod(object)),
    admitUpdate: (old, object, call) => {
      if (resizesByUpdate(version)) refuseOutOfRange(call, asPod(object))
      else if (hasDeadline(old) === hasDeadline(object)) return
      chargeQuotas(call, object, old)
    },
    gracePeriod: podGracePeriod,
  }
}

/** Before there was a subresource for it. */
function resizesByUpdate(version: KubeVersion): boolean {
  return !atLeast(version, '1.32')
}

/** What an update can change of whether a quota's scopes count the pod. */
function hasDeadline(object: KubeObject): boolean {
  return hasValue(object.spec as JsonObject, 'activeDeadlineSeconds')
}

const identity = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  singular: 'pod',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  type: 'core/v1.Pod',
} as const

const selectable: NonNullable<Kind['selectable']> = {
  'spec.nodeName': (object) => asPod(object).spec.nodeName ?? '',
  // The field's name in the first versions of the API.
  'spec.host': (object) => asPod(object).spec.nodeName ?? '',
  'spec.restartPolicy': (object) => asPod(object).spec.restartPolicy ?? '',
  'spec.schedulerName': (object) => text(asPod(object).spec, 'schedulerName'),
  'spec.serviceAccountName': (object) => text(asPod(object).spec, 'serviceAccountName'),
  'spec.hostNetwork': (object) => String(asPod(object).spec.hostNetwork ?? false),
  'status.phase': (object) => asPod(object).status?.phase ?? '',
  'status.podIP': (object) => asPod(object).status?.podIP ?? '',
  'status.podIPs': (object) => (asPod(object).status?.podIPs ?? []).map(({ ip }) => ip).join(','),
  'status.nominatedNodeName': (object) => text(asPod(object).status, 'nominatedNodeName'),
}

/** What needs other objects to be filled in, and the first status. */
function preparePod(object: KubeObject, call: Call, calledName: string): KubeObject {
  const limited = withLimitRanges(call, asPod(object))
  const served = withServiceAccount(call, limited, calledName)
  const pod = withPriority(call, served, calledName)
  refuseRuntimeClass(call, pod, calledName)
  const gated = (pod.spec.schedulingGates ?? []).length > 0
  const status = {
    phase: 'Pending',
    ...(gated ? { conditions: [schedulingGated] } : {}),
    qosClass: qosClassOf(pod.spec),
  }
  return withPod(object, { ...pod, status })
}

const schedulingGated: PodCondition = {
  type: 'PodScheduled',
  status: 'False',
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
  lastProbeTime: null,
}

/**
 * Seconds until a deleted pod may be removed. Nobody has to stop a pod that is
 * on no node or has ended already.
 *
 * @see Kubernetes pkg/registry/core/pod/strategy.go, CheckGracefulDelete
 */
function podGracePeriod(object: KubeObject, asked: number | undefined): number {
  const { spec, status } = asPod(object)
  if ((spec.nodeName ?? '') === '' || isOver(status)) return 0
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
