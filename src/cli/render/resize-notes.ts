import { withoutFigures } from '../../domain/without-figures.ts'
import type { FollowState } from '../../operate/resize/follow/follow-state.ts'
import { containerNamed } from '../../operate/containers.ts'
import { nodeReason } from '../../operate/node-reason.ts'
import { containersOfPart } from '../../operate/pod-part.ts'
import { type Paint } from '../terminal.ts'

/**
 * What the node says in the meantime, each thing once: the resize is deferred, the
 * runtime fails, a container was restarted. Given the states one after the other.
 */
export function createNotes(paint: Paint): (state: FollowState) => readonly string[] {
  const told = new Set<string>()
  return (state) => {
    const notes = [...resizeNotes(state), ...restartNotes(state)]
    const fresh = notes.filter((note) => !told.has(withoutFigures(note)))
    for (const note of fresh) told.add(withoutFigures(note))
    return fresh.map((note) => paint('yellow', `! ${note}`))
  }
}

function resizeNotes({ resize }: FollowState): readonly string[] {
  switch (resize.kind) {
    case 'deferred':
      return [`deferred: ${nodeReason(resize)}. Waiting for room`]
    case 'failed':
      return [`the node could not carry it out and tries again: ${resize.message}`]
    case 'infeasible':
    case 'inProgress':
    case 'notYetObserved':
    case 'settled':
      return []
    default:
      return resize satisfies never
  }
}

function restartNotes({ target, pod }: FollowState): readonly string[] {
  return containersOfPart(target.before, target.part).flatMap(({ spec: { name }, status }) => {
    const before = status?.restartCount ?? 0
    const now = containerNamed(pod, name)?.status?.restartCount ?? 0
    return now > before
      ? [`container ${name} was restarted (restart count ${before} → ${now})`]
      : []
  })
}
