import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'

/** Where Debian installs programs that only root runs; often not in a user's PATH. */
const systemDirs = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** PATH with the system's directories for root added, for programs that start others. */
export function systemPath(path = process.env['PATH'] ?? ''): string {
  const given = path.split(':').filter((dir) => dir !== '')
  return [...new Set([...given, ...systemDirs])].join(':')
}

/** The first executable of that name in PATH or in the system's directories. */
export function findProgram(name: string): string | undefined {
  return systemPath()
    .split(':')
    .map((dir) => join(dir, name))
    .find(isExecutable)
}

/** The directory that holds the CNI plugins: Debian's, or the one of upstream's archives. */
export function findCniPlugins(): string | undefined {
  return ['/usr/lib/cni', '/opt/cni/bin'].find((dir) =>
    ['bridge', 'host-local', 'loopback'].every((name) => hasCniPlugin(dir, name)),
  )
}

/** Whether the directory of the CNI plugins has one of that name. */
export function hasCniPlugin(directory: string, name: string): boolean {
  return isExecutable(join(directory, name))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
