import { readFileSync } from 'node:fs'
import { keyedNumbers } from './file-text.ts'

/** Whether this machine has swap space left. Without any, anonymous memory cannot be reclaimed. */
export function machineCanSwap(): boolean {
  const text = readFileSync('/proc/meminfo', 'utf8').replaceAll(/: +| kB$/gm, ' ')
  return (keyedNumbers(text.replaceAll(/ +$/gm, '')).get('SwapFree') ?? 0) > 0
}
