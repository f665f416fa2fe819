import { CliError } from './cli-error.ts'
import type { ExitCode } from './exit-codes.ts'
import { systemClock } from './system-clock.ts'
import type { Terminal } from './terminal.ts'

/** How often `--watch` looks at least: not every change is told. */
const watchEveryMs = 500
/** How often at most, whatever changes. */
const restMs = 50

interface Look {
  readonly text: string
  readonly exit: ExitCode
  /** Resolves when it is worth to look again before the time, or when the signal aborts. */
  readonly changed?: (signal: AbortSignal) => Promise<void>
}

/**
 * Looks again and again until Ctrl-C, and shows what changed: in place on a terminal, one
 * text after the other in a pipe. Without `watching` it looks once.
 *
 * @returns the exit code of the last look.
 * @throws CliError (interrupted) for Ctrl-C while watching.
 */
export async function shownOnceOr(
  watching: boolean,
  { stdout, signal }: Terminal,
  look: () => Promise<Look>,
): Promise<ExitCode> {
  let last: string | undefined
  for (;;) {
    const { text, exit, changed } = await look()
    if (text !== last) {
      const clear = watching && stdout.isTTY === true ? '\x1b[H\x1b[2J' : ''
      stdout.write(`${clear}${text}`)
    }
    last = text
    if (!watching) return exit
    const enough = new AbortController()
    const until = AbortSignal.any([signal, enough.signal])
    const changes = changed === undefined ? [] : [changed(until)]
    await systemClock.sleep(restMs, signal)
    await Promise.race([systemClock.sleep(watchEveryMs - restMs, until), ...changes])
    enough.abort()
    if (signal.aborted) throw new CliError('interrupted', 'Interrupted')
  }
}
