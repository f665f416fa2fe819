import type { Pod } from '../../../domain/pod.ts'
import {
  checkContainerCgroup,
  checkPodCgroup,
  type FileCheck,
} from '../../cgroups/cgroup-checks.ts'
import type { CgroupLook, CgroupRead, CgroupSight } from '../../cgroups/cgroup-look.ts'
import { describeState, isRunning } from '../../containers.ts'
import { changedContainers, restartIsDue } from './changed-containers.ts'
import { allOf, waiting, type LayerState } from './layer-state.ts'
import type { ResizeTarget } from './resize-target.ts'

/** What the kernel has for the containers that change. */
export function containerCgroupState(target: ResizeTarget, pod: Pod, look: CgroupLook): LayerState {
  if (look.kind === 'unseen') return look
  return allOf(
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

/** What it has for the pod as a whole. */
export function podCgroupState(target: ResizeTarget, look: CgroupLook): LayerState {
  if (look.kind === 'unseen') return look
  return sightState(look.pod, (read) => checkPodCgroup(target.wanted, read, look, target.kubelet))
}

function sightState(
  sight: CgroupSight | undefined,
  check: (read: CgroupRead) => readonly FileCheck[],
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
