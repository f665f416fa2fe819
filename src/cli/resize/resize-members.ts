import type { Pod } from '../../domain/pod.ts'
import type { SizeRequest } from '../../domain/resize/request/size-request.ts'
import type { GroupMember } from '../../operate/plan/plan-resize.ts'
import type { PartWanted } from '../../operate/resize/chosen-part.ts'
import { prepareResize } from '../../operate/resize/prepare-resize.ts'
import { CliError, usageError } from '../cli-error.ts'
import { refOf } from '../cluster/targets.ts'
import { unchangedText } from '../plan/unchanged-pods.ts'
import type { Terminal } from '../terminal.ts'

/** What a size means for each of several pods. */
export interface ResizeMembers {
  readonly members: readonly GroupMember[]
  /** Those that have the size already. */
  readonly unchanged: readonly Pod[]
  /** Why those of a selection that cannot be resized any more are left out. */
  readonly ended: readonly string[]
}

export interface MembersWanted extends PartWanted {
  readonly requests: readonly SizeRequest[]
  /** Whether the pods were chosen by labels: then those that have ended are not meant. */
  readonly selected: boolean
}

/**
 * The change of every pod, before anything is sent to any of them.
 *
 * @throws CliError (usage) where the size or the container does not fit one of the pods, (no)
 *   if one that was named has ended.
 */
export function resizeMembersOf(
  pods: readonly Pod[],
  { container, podLevel, requests, selected }: MembersWanted,
): ResizeMembers {
  const ended: string[] = []
  const members: GroupMember[] = []
  const unchanged: Pod[] = []
  for (const pod of pods) {
    const prepared = prepareResize(pod, { container, podLevel }, requests)
    switch (prepared.kind) {
      case 'unusable':
        throw usageError(prepared.message)
      case 'impossible':
        if (!selected) throw new CliError('no', prepared.message)
        ended.push(prepared.message)
        break
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
  return { members, unchanged, ended }
}

/** Says which pods are left out, and why. */
export function tellLeftOut({ unchanged, ended }: ResizeMembers, { stderr }: Terminal): void {
  for (const pod of unchanged) stderr.write(`${unchangedText(pod)}\n`)
  for (const why of ended) stderr.write(`${why}; it is left out\n`)
}
