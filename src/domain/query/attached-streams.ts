import { isTrue } from './query-boolean.ts'

/** The streams of a process that a client wants to be joined to. */
export interface AttachedStreams {
  readonly stdin: boolean
  readonly stdout: boolean
  /** Never with a terminal, which has no stderr of its own: runtimes refuse that. */
  readonly stderr: boolean
  readonly tty: boolean
}

/** What the query of an exec or attach asks for. */
export function attachedStreams(query: URLSearchParams): AttachedStreams {
  const asked = (name: string): boolean => isTrue(query.get(name))
  const tty = asked('tty')
  return { stdin: asked('stdin'), stdout: asked('stdout'), stderr: asked('stderr') && !tty, tty }
}
