import { type FollowState } from '../../operate/follow-state.ts'
import { containerNamed } from '../../operate/containers.ts'
import { type Paint } from '../terminal.ts'

/**
 * What the node says in the meantime, each thing once: the resize is deferred, the
 * runtime fails, a container was restarted. Given the states one after the other.
 */
export function createNotes(paint: Paint): (state: FollowState) => readonly string[] {
  const told = new Set<string>()
  return (state) =>
    [...resizeNotes(state), ...restartNotes(state)]
      .filter((note) => !told.has(note) && told.add(note))
      .map((note) => paint('yellow', `! ${note}`))
}

function resizeNotes({ resize }: FollowState): readonly string[] {
  switch (resize.kind) {
    case 'deferred':
      return [`deferred: ${resize.message || 'the node has no room now'}. Waiting for room`]
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
  return target.containers.flatMap((name) => {
    const before = containerNamed(target.before, name)?.status?.restartCount ?? 0
    const now = containerNamed(pod, name)?.status?.restartCount ?? 0
    return now > before
      ? [`container ${name} was restarted (restart count ${before} → ${now})`]
      : []
  })
}
