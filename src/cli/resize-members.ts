import type { Pod } from '../domain/pod.ts'
import type { SizeRequest } from '../domain/resize/size-request.ts'
import type { GroupMember } from '../operate/plan-resize.ts'
import { prepareResize } from '../operate/prepare-resize.ts'
import { CliError, usageError } from './cli-error.ts'
import { refOf } from './targets.ts'

/** What a size means for each of several pods. */
export interface ResizeMembers {
  readonly members: readonly GroupMember[]
  /** Those that have the size already. */
  readonly unchanged: readonly Pod[]
}

/** The change of every pod, before anything is sent to any of them. */
export function resizeMembersOf(
  pods: readonly Pod[],
  container: string | undefined,
  requests: readonly SizeRequest[],
): ResizeMembers {
  const members: GroupMember[] = []
  const unchanged: Pod[] = []
  for (const pod of pods) {
    const prepared = prepareResize(pod, container, requests)
    switch (prepared.kind) {
      case 'unusable':
        throw usageError(prepared.message)
      case 'impossible':
        throw new CliError('no', prepared.message)
      case 'unchanged':
        unchanged.push(pod)
        break
      case 'ready':
        members.push({ ref: refOf(pod), prepared: prepared.resize })
        break
      default:
        return prepared satisfies never
    }
  }
  return { members, unchanged }
}
