import { createInterface } from 'node:readline/promises'
import { CliError } from './cli-error.ts'
import { type Terminal } from './terminal.ts'

/**
 * Asks on a terminal, where no is the default; anywhere else the answer is yes.
 *
 * @throws CliError (interrupted) for Ctrl-C.
 */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  const { stdin, stderr, signal } = terminal
  if (stdin.isTTY !== true || stderr.isTTY !== true) return true
  const stop = new AbortController()
  using lines = createInterface({ input: stdin, output: process.stderr })
  lines.on('SIGINT', () => stop.abort())
  try {
    const either = AbortSignal.any([signal, stop.signal])
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: either })).trim())
  } catch (error) {
    stderr.write('\n')
    // Ctrl-D, the end of the input, is no answer: no.
    if (!signal.aborted && !stop.signal.aborted) return false
    throw new CliError('interrupted', 'Interrupted: nothing was sent', { cause: error })
  }
}
