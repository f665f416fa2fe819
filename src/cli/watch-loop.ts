import { CliError } from './cli-error.ts'
import type { ExitCode } from './exit-codes.ts'
import { systemClock } from './system-clock.ts'
import type { Terminal } from './terminal.ts'

/** How often `--watch` looks: what the kernel holds tells nobody when it changes. */
export const watchEveryMs = 500

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
  look: () => Promise<{ readonly text: string; readonly exit: ExitCode }>,
): Promise<ExitCode> {
  let last: string | undefined
  for (;;) {
    const { text, exit } = await look()
    if (text !== last) {
      const clear = watching && stdout.isTTY === true ? '\x1b[H\x1b[2J' : ''
      stdout.write(`${clear}${text}`)
    }
    last = text
    if (!watching) return exit
    await systemClock.sleep(watchEveryMs, signal)
    if (signal.aborted) throw new CliError('interrupted', 'Interrupted')
  }
}
