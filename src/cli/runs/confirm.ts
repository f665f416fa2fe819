import { openSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { WriteStream } from 'node:tty'
import { CliError } from '../cli-error.ts'
import { type Terminal } from '../terminal.ts'

/**
 * Asks on a terminal, where no is the default; where nobody types, or with --yes, the answer
 * is yes.
 *
 * @throws CliError (no) for a no, (interrupted) for Ctrl-C, (usage) where somebody types and
 *   there is nowhere to ask.
 */
export async function confirmed(
  question: string,
  { yes }: { readonly yes?: boolean },
  terminal: Terminal,
): Promise<void> {
  if (yes === true || terminal.stdin.isTTY !== true) return
  if (!(await confirm(question, terminal))) {
    throw new CliError('no', 'Not confirmed: nothing was sent')
  }
}

async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  if (terminal.stderr.isTTY === true) return answered(question, process.stderr, terminal)
  const output = controllingTerminal(question)
  try {
    return await answered(question, output, terminal)
  } finally {
    output.destroy()
  }
}

async function answered(
  question: string,
  output: WriteStream,
  { stdin, signal }: Terminal,
): Promise<boolean> {
  const stop = new AbortController()
  using lines = createInterface({ input: stdin, output })
  lines.on('SIGINT', () => stop.abort())
  try {
    const either = AbortSignal.any([signal, stop.signal])
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `, { signal: either })).trim())
  } catch (error) {
    output.write('\n')
    // Ctrl-D, the end of the input, is no answer: no.
    if (!signal.aborted && !stop.signal.aborted) return false
    throw new CliError('interrupted', 'Interrupted: nothing was sent', { cause: error })
  }
}

/** Where to ask while stderr goes into a file. */
function controllingTerminal(question: string): WriteStream {
  try {
    return new WriteStream(openSync('/dev/tty', 'w'))
  } catch (cause) {
    const message = `Cannot ask "${question}": stderr is no terminal; give --yes to go on without asking`
    throw new CliError('usage', message, { cause })
  }
}
