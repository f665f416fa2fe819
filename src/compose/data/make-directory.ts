import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing; one that is there stays as it is.
 *
 * Node's own recursive mkdir (as of 24) takes ENOENT for a missing parent, and never ends where the
 * parent is there: nothing can be made in /proc, and ENOENT is what that says.
 *
 * @param path absolute
 * @throws the system's error, whose path may be one further up
 */
export function makeDirectory(path: string, mode = 0o777): void {
  if (isDirectory(path)) return
  const above = dirname(path)
  if (above !== path) makeDirectory(above, mode)
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    // Another process may have made it meanwhile.
    if (!isDirectory(path)) throw error
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
