import type { Begun } from '../../operate/resize/journal.ts'
import type { Run } from '../../operate/resize/run.ts'
import { CliError } from '../cli-error.ts'

/** For the first few pods, those that are in one namespace. */
function verifyCommand({ items }: Begun): string {
  const namespace = items[0]?.namespace ?? ''
  const those = items.filter((item) => item.namespace === namespace).slice(0, 3)
  return `podfit verify ${those.map(({ name }) => name).join(' ')} -n ${namespace}`
}

interface Unfinished {
  /** Whether the API server has taken a size. */
  readonly isAnswered: boolean
  readonly isAborted: boolean
}

/** What is thrown to a user instead of `error`: where the run stands, and how to go on. */
export function unfinishedRun(
  error: unknown,
  { begun }: Run,
  { isAnswered, isAborted }: Unfinished,
): CliError {
  const next = `carry on with podfit resize --resume, or go back with podfit undo ${begun.id}`
  if (isAborted) {
    const what = begun.items.length === 1 ? 'the resize' : 'what was sent'
    const state = isAnswered
      ? `the node carries ${what} on by itself`
      : 'the API server had not answered, it may have the size or not'
    const message = `Interrupted: ${state}; look with ${verifyCommand(begun)}, ${next}`
    return new CliError('interrupted', message, { cause: error })
  }
  const why = error instanceof Error ? error.message : String(error)
  return new CliError('error', `${why}; ${next}`, { cause: error })
}
