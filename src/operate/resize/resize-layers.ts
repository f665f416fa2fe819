import { type ContainerStatus, type Pod, type ResourceList } from '../../domain/pod.ts'
import { podSize } from '../../domain/pod-resources.ts'
import {
  resizeState,
  unreportedContainers,
  unsettledContainers,
  type ResizeState,
  type StatusRules,
} from '../../domain/resize/reporting/state.ts'
import { sizeOf, type Size } from '../../domain/resources.ts'
import { type CgroupLook, type CgroupSight } from '../cgroups/cgroup-look.ts'
import { checkContainerCgroup, checkPodCgroup, type FileCheck } from '../cgroups/cgroup-checks.ts'
import { containerNamed, describeState, isRunning } from '../containers.ts'
import { enforcesCpuLimits } from '../cluster/kubelet-policies.ts'
import { nodeReason } from '../node-reason.ts'
import { containersChanging } from '../pod-part.ts'
import { asksForTarget, type ResizeTarget } from './resize-target.ts'

/** The five places where a size is written down, from the asking to the kernel. */
export const resizeLayers = [
  'desired',
  'allocated',
  'status',
  'containerCgroup',
  'podCgroup',
] as const
export type ResizeLayer = (typeof resizeLayers)[number]

export type LayerState =
  | { readonly kind: 'reached'; readonly checks?: readonly FileCheck[] }
  | { readonly kind: 'waiting'; readonly why: string; readonly checks?: readonly FileCheck[] }
  /** It cannot be looked at from here. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** There is nothing to look at: the container does not run, or the pod has no node. */
  | { readonly kind: 'notNow'; readonly why: string }

const reached: LayerState = { kind: 'reached' }

function waiting(why: string): LayerState {
  return { kind: 'waiting', why }
}

interface Changed {
  readonly name: string
  readonly size: Size
  readonly status: ContainerStatus | undefined
  readonly statusBefore: ContainerStatus | undefined
}

function changedContainers(target: ResizeTarget, pod: Pod): readonly Changed[] {
  const { part, before, wanted } = target
  const names = part === undefined ? containersChanging(before, wanted) : [part]
  return names.map((name) => ({
    name,
    size: sizeOf(containerNamed(target.wanted, name)?.spec.resources),
    status: containerNamed(pod, name)?.status,
    statusBefore: containerNamed(target.before, name)?.status,
  }))
}

/** The first state that is not `reached`, if all have to be. */
function all(states: readonly LayerState[]): LayerState {
  const first =
    states.find(({ kind }) => kind === 'waiting') ?? states.find(({ kind }) => kind !== 'reached')
  if (first !== undefined) return first
  const checks = states.flatMap((state) => ('checks' in state ? (state.checks ?? []) : []))
  return checks.length === 0 ? reached : { kind: 'reached', checks }
}

function desiredState(target: ResizeTarget, pod: Pod): LayerState {
  return asksForTarget(target, pod) ? reached : waiting('the API server has not answered')
}

const notOnNode: LayerState = { kind: 'notNow', why: 'the pod is not on a node yet' }
const notLookedAt = 'the node has not looked at it'

/** Limits are not in `allocatedResources`: for those the node's silence is the sign. */
function allocatedState(target: ResizeTarget, pod: Pod, resize: ResizeState): LayerState {
  if (!asksForTarget(target, pod) || resize.kind === 'notYetObserved') return waiting(notLookedAt)
  if (resize.kind === 'deferred' || resize.kind === 'infeasible') {
    return waiting(`${resize.kind}: ${nodeReason(resize)}`)
  }
  if (pod.spec.nodeName === undefined) return notOnNode
  const containers = changedContainers(target, pod).map(({ size, status }) =>
    grantedState(status?.allocatedResources, size),
  )
  if (target.part !== undefined) return all(containers)
  const whole = grantedState(pod.status?.allocatedResources, podSize(target.wanted.spec))
  return all([whole, ...containers])
}

function grantedState(granted: ResourceList | undefined, wanted: Size): LayerState {
  if (granted === undefined) return reached
  const { cpuRequest, memoryRequest } = sizeOf({ requests: granted })
  const same =
    (cpuRequest ?? 0) === (wanted.cpuRequest ?? 0) &&
    (memoryRequest ?? 0) === (wanted.memoryRequest ?? 0)
  return same ? reached : waiting('the node has not admitted it')
}

/** Whether the container that has to be replaced is still the old one, or not up yet. */
function restartIsDue(target: ResizeTarget, { name, status, statusBefore }: Changed): boolean {
  if (!isRunning(statusBefore)) return false
  if (!isRunning(status)) return target.before.spec.restartPolicy !== 'Never'
  return target.restarting.includes(name) && status?.containerID === statusBefore?.containerID
}

function statusState(target: ResizeTarget, pod: Pod, resize: ResizeState): LayerState {
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
  const unsettled = unsettledContainers(pod, rulesFor(target))
  const unreported = unreportedContainers(pod)
  return all(
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

function sightState(
  sight: CgroupSight | undefined,
  check: (read: Extract<CgroupSight, { kind: 'read' }>) => readonly FileCheck[],
): LayerState {
  switch (sight?.kind) {
    case undefined:
    case 'gone':
      return waiting('there is no cgroup')
    case 'unreadable':
    case 'hidden':
      return { kind: 'unseen', why: sight.why }
    case 'read': {
      const checks = check(sight)
      const wrong = checks.filter(({ ok }) => !ok)
      const [unread] = sight.problems ?? []
      if (wrong.length === 0 && unread !== undefined) return { kind: 'unseen', why: unread.why }
      if (wrong.length === 0) return { kind: 'reached', checks }
      const files = wrong.map(({ file, found }) => `${file} says ${found}`).join(', ')
      return { kind: 'waiting', why: files, checks }
    }
    default:
      return sight satisfies never
  }
}

function containerCgroupState(target: ResizeTarget, pod: Pod, look: CgroupLook): LayerState {
  if (look.kind === 'unseen') return look
  return all(
    changedContainers(target, pod).map((changed) => {
      const { name, status } = changed
      if (restartIsDue(target, changed)) return waiting(`container ${name} has to restart first`)
      if (!isRunning(status)) {
        return { kind: 'notNow', why: `container ${name} is ${describeState(status)}` }
      }
      return sightState(look.containers[name], (read) =>
        checkContainerCgroup(target.wanted, name, read, look, target.kubelet),
      )
    }),
  )
}

function podCgroupState(target: ResizeTarget, look: CgroupLook): LayerState {
  if (look.kind === 'unseen') return look
  return sightState(look.pod, (read) => checkPodCgroup(target.wanted, read, look, target.kubelet))
}

function rulesFor({ kubelet }: ResizeTarget): StatusRules {
  return { cpuLimits: enforcesCpuLimits(kubelet) }
}

/** What the node says about the wanted size. */
export function targetState(target: ResizeTarget, pod: Pod): ResizeState {
  return resizeState(pod, target.generation, rulesFor(target))
}

/** How far the resize has come, in each layer, from one picture of the pod and its cgroups. */
export function layerStates(
  target: ResizeTarget,
  pod: Pod,
  look: CgroupLook,
): Readonly<Record<ResizeLayer, LayerState>> {
  const resize = targetState(target, pod)
  return {
    desired: desiredState(target, pod),
    allocated: allocatedState(target, pod, resize),
    status: statusState(target, pod, resize),
    containerCgroup: containerCgroupState(target, pod, look),
    podCgroup: podCgroupState(target, look),
  }
}
