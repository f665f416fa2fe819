import { atLeast, type KubeVersion } from '../domain/kube-version.ts'
import type { Pod, ResourceList } from '../domain/pod.ts'
import { exceedsNode } from '../domain/resize/admission/node-limit.ts'
import { findMalformedQuantity, withResourceDefaults } from '../domain/resize/request/defaults.ts'
import { mergeResizeRequest, withNextGeneration } from '../domain/resize/request/request.ts'
import { featuresNeeded } from '../domain/resize/validation/node-features.ts'
import { validateResize } from '../domain/resize/validation/validate-resize.ts'
import type { Call } from './call.ts'
import { asPod, type KubeObject } from './kube-object.ts'
import { refuseOutOfRange, withLimitRanges } from './pods/limit-ranges.ts'
import { shapedPod } from './pods/pod-shape.ts'
import { withProposedResize } from './pods/proposed-resize.ts'
import { chargeQuotas } from './quota/charge.ts'
import type { Accept } from './rest/change.ts'
import {
  badRequest,
  forbidden,
  invalid,
  type StatusError,
  type ResourceName,
  type StatusCause,
} from './status-error.ts'

/**
 * What becomes of a resize request: steps 1 to 3 of the story. The body was
 * decoded and the patch applied before; storing and telling the watchers follow.
 *
 * @throws StatusError 400 for what is no quantity, 422 for what no resize may
 *   change, 403 for more than the node has.
 */
export const acceptResize: Accept = (call, old, submitted) => {
  call.server.step('resize.received')
  const { version } = call.server
  const before = asPod(old)
  const asked = shapedPod(submitted)
  refuseMalformed(asked)
  const complete = { ...asked, spec: withResourceDefaults(asked.spec, version) }
  const merged = mergeResizeRequest(before, withLimitRanges(call, complete), version)
  const next = counted(before, merged, version)
  const errors = validateResize(before, next, version)
  if (errors.length > 0) throw invalid(call.target.kind, before.metadata.name, errors)
  refuseOutOfRange(call, next)
  if (atLeast(version, '1.36')) refuseByNode(call, before, next)
  const object = next as unknown as KubeObject
  chargeQuotas(call, object, old)
  call.server.step('resize.accepted')
  return object
}

/** Generations are counted since 1.33; what came before shows a new size in status.resize. */
function counted(before: Pod, merged: Pod, version: KubeVersion): Pod {
  return atLeast(version, '1.33')
    ? withNextGeneration(before, merged)
    : withProposedResize(before, merged, version)
}

function refuseMalformed(asked: Pod): void {
  const malformed = findMalformedQuantity(asked.spec)
  if (malformed === undefined) return
  throw badRequest(
    'Pod in version "v1" cannot be handled as a Pod: quantities must match the regular expression ' +
      "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  )
}

/**
 * Refuses what the pod's node cannot hold even alone, or cannot do.
 *
 * @see Kubernetes 1.36 plugin/pkg/admission, podresize and nodedeclaredfeatures
 */
function refuseByNode(call: Call, old: Pod, next: Pod): void {
  const { nodeName = '' } = next.spec
  if (nodeName === '' || next.metadata.generation === old.metadata.generation) return
  const node = call.server.store.collection('nodes').get(nodeName)?.object
  if (node === undefined) throw missingNode(call, old, nodeName)
  refuseOtherSystem(call, old, node)
  const { allocatable, declaredFeatures } = (node.status ?? {}) as NodeView
  const tooLarge = exceedsNode(next.spec, allocatable ?? {})
  if (tooLarge !== undefined) throw refused(call, next, tooLarge, 'NodeCapacity')
  const missing = featuresNeeded(old, next).filter((name) => !declaredFeatures?.includes(name))
  if (missing.length === 0) return
  const why = `pod update requires features ${missing.join(', ')} which are not available on node "${nodeName}"`
  throw forbidden(call.target.kind, old.metadata.name, why)
}

interface NodeView {
  readonly allocatable?: ResourceList
  readonly declaredFeatures?: readonly string[]
}

function refuseOtherSystem(call: Call, old: Pod, node: KubeObject): void {
  const system = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
  if (system === 'linux') return
  const why = `pod resize is only supported on linux nodes, node "${node.metadata.name}" is "${system}"`
  throw refused(call, old, why, 'UnsupportedPlatform')
}

function missingNode(call: Call, old: Pod, nodeName: string): StatusError {
  return forbidden(call.target.kind, old.metadata.name, `node "${nodeName}" not found`)
}

function refused(call: Call, old: Pod, why: string, reason: string): StatusError {
  const resource: ResourceName = call.target.kind
  const causes: readonly StatusCause[] = [{ reason }]
  return forbidden(resource, old.metadata.name, why, causes)
}
