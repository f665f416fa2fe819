import type { Pod } from '../../../domain/pod.ts'
import type { CgroupLook } from '../../cgroups/cgroup-look.ts'
import { allocatedState, desiredState, statusState } from './api-layers.ts'
import { containerCgroupState, podCgroupState } from './cgroup-layers.ts'
import type { LayerState, ResizeLayer } from './layer-state.ts'
import { targetState, type ResizeTarget } from './resize-target.ts'

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
