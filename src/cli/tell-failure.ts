import { CommanderError } from 'commander'
import { isKubeError } from '../kube/client/kube-error.ts'
import { CliError } from './cli-error.ts'
import { exitCodes, type ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/**
 * Says in one line why a verb came to no end, or with PODFIT_DEBUG with the stack.
 *
 * @param where how the verb is called: `podfit resize`.
 */
export function tellFailure(error: unknown, where: string, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.done
    // A verb of verbs alone has shown its help.
    if (error.code === 'commander.help') return exitCodes.usage
    terminal.stderr.write(
      `${where}: ${oneLine(error.message).replace(/\.$/, '')}; see ${where} --help\n`,
    )
    return exitCodes.usage
  }
  const debug = (terminal.env['PODFIT_DEBUG'] ?? '') !== '' && error instanceof Error
  terminal.stderr.write(`${where}: ${debug ? error.stack : oneLine(messageOf(error, terminal))}\n`)
  if (terminal.signal.aborted) return exitCodes.interrupted
  return error instanceof CliError ? exitCodes[error.exit] : exitCodes.error
}

/** Commander's own messages come as `error: unknown option '-x'\n(Did you mean -y?)\n`. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ')
}

/** What a call says that was broken off is nothing to whoever has broken it off. */
function messageOf(error: unknown, { signal }: Terminal): string {
  const isOurs = error instanceof CliError || !signal.aborted
  const message = error instanceof Error ? error.message : String(error)
  if (!isOurs && error instanceof Error && error.name === 'AbortError') return 'Interrupted'
  return isKubeError(error, 'Forbidden') ? `${message}; podfit check says what is missing` : message
}
