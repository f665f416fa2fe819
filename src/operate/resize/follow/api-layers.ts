import type { Pod, ResourceList } from '../../../domain/pod.ts'
import { podSize } from '../../../domain/resources/pod-resources.ts'
import type { ResizeState } from '../../../domain/resize/reporting/state.ts'
import {
  unreportedContainers,
  unsettledContainers,
} from '../../../domain/resize/reporting/unsettled-containers.ts'
import { sizeOf, type Size } from '../../../domain/resources/size.ts'
import { describeState } from '../../containers.ts'
import { nodeReason } from '../../node-reason.ts'
import { changedContainers, restartIsDue } from './changed-containers.ts'
import { allOf, reached, waiting, type LayerState } from './layer-state.ts'
import { asksForTarget, statusRules, type ResizeTarget } from './resize-target.ts'

/** What the API server has. */
export function desiredState(target: ResizeTarget, pod: Pod): LayerState {
  return asksForTarget(target, pod) ? reached : waiting('the API server has not answered')
}

const notOnNode: LayerState = { kind: 'notNow', why: 'the pod is not on a node yet' }
const notLookedAt = 'the node has not looked at it'

/** What the node has promised. Limits are not in `allocatedResources`: for those the node's silence is the sign. */
export function allocatedState(target: ResizeTarget, pod: Pod, resize: ResizeState): LayerState {
  if (!asksForTarget(target, pod) || resize.kind === 'notYetObserved') return waiting(notLookedAt)
  if (resize.kind === 'deferred' || resize.kind === 'infeasible') {
    return waiting(`${resize.kind}: ${nodeReason(resize)}`)
  }
  if (pod.spec.nodeName === undefined) return notOnNode
  const containers = changedContainers(target, pod).map(({ size, status }) =>
    grantedState(status?.allocatedResources, size),
  )
  if (target.part !== undefined) return allOf(containers)
  const whole = grantedState(pod.status?.allocatedResources, podSize(target.wanted.spec))
  return allOf([whole, ...containers])
}

function grantedState(granted: ResourceList | undefined, wanted: Size): LayerState {
  if (granted === undefined) return reached
  const { cpuRequest, memoryRequest } = sizeOf({ requests: granted })
  const same =
    (cpuRequest ?? 0) === (wanted.cpuRequest ?? 0) &&
    (memoryRequest ?? 0) === (wanted.memoryRequest ?? 0)
  return same ? reached : waiting('the node has not admitted it')
}

/** What the node reports, once it has carried out what it promised. */
export function statusState(target: ResizeTarget, pod: Pod, resize: ResizeState): LayerState {
  if (!asksForTarget(target, pod)) return waiting(notLookedAt)
  switch (resize.kind) {
    case 'notYetObserved':
      return waiting(notLookedAt)
    case 'deferred':
    case 'infeasible':
      return waiting('the node has not admitted it')
    case 'failed':
      return waiting(`error: ${resize.message}`)
    case 'inProgress':
      return waiting('the node is at work')
    case 'settled':
      return settledState(target, pod)
    default:
      return resize satisfies never
  }
}

function settledState(target: ResizeTarget, pod: Pod): LayerState {
  if (pod.spec.nodeName === undefined) return notOnNode
  const unsettled = unsettledContainers(pod, statusRules(target))
  const unreported = unreportedContainers(pod)
  return allOf(
    changedContainers(target, pod).map((changed) => {
      const { name, status } = changed
      if (restartIsDue(target, changed)) {
        return waiting(`container ${name} has to restart, it is ${describeState(status)}`)
      }
      if (unreported.includes(name)) return waiting('the node reports no sizes of containers')
      return unsettled.includes(name) ? waiting('the status shows another size') : reached
    }),
  )
}
