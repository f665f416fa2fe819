import { renameSync, writeFileSync } from 'node:fs'

/**
 * Writes a file for root alone whole or not at all, whoever dies meanwhile: the next start reads in
 * it what this one chose, and a network or a snapshotter that is chosen anew does not fit to what
 * runs and lies there.
 */
export function writeWhole(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
