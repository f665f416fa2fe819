import { createInterface } from 'node:readline/promises'
import { type Terminal } from './terminal.ts'

/** Asks on a terminal, where no is the default; anywhere else the answer is yes. */
export async function confirm(question: string, terminal: Terminal): Promise<boolean> {
  const { stdin, stderr, signal } = terminal
  if (stdin.isTTY !== true || stderr.isTTY !== true) return true
  using lines = createInterface({ input: stdin, output: process.stderr })
  const answer = await lines.question(`${question} [y/N] `, { signal })
  return /^y(es)?$/i.test(answer.trim())
}
