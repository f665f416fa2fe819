import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Mounts a file system in memory that holds `sizeBytes` at most. */
export async function mountTmpfs(path: string, sizeBytes: number): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0777`, 'tmpfs', path])
}

/**
 * Shows an open file or directory of this process at `target` too. What the
 * descriptor is stays what it was opened as, whatever its path has become since.
 */
export async function bindDescriptor(descriptor: number, target: string): Promise<void> {
  const source = `/proc/${process.pid}/fd/${descriptor}`
  await run('mount', ['--no-canonicalize', '--bind', source, target])
}

/** Every mount point at or below `directory`, the deepest first. */
export function mountPointsBelow(directory: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .toSorted((a, b) => b.length - a.length)
}

/** The kernel writes blanks and backslashes in paths as `\040`. */
function unescapeOctal(path: string): string {
  return path.replaceAll(/\\(?<octal>[0-7]{3})/g, (_, octal: string) =>
    String.fromCodePoint(Number.parseInt(octal, 8)),
  )
}

/**
 * Takes away all mounts at and below `directory`, so that removing it removes
 * nothing that is only shown there.
 *
 * @throws Error if one stays.
 */
export async function unmountBelow(directory: string): Promise<void> {
  // The kernel names mount points by their real paths.
  const real = await realpath(directory).catch(() => directory)
  for (const point of mountPointsBelow(real)) {
    await run('umount', ['--no-canonicalize', '--lazy', point])
  }
  const left = mountPointsBelow(real)
  if (left.length > 0) throw new Error(`Cannot unmount ${left.join(', ')}: still mounted`)
}
