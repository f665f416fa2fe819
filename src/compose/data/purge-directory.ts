import { readdirSync, rmdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'

/** All that `up` makes right below its directory, also what it sets aside there. */
const own =
  /^(?:(?:api|node)\.db.*|instance\.json.*|podfit\.log.*|kubeconfig.*|pki|pods|logs|seccomp|containerd|cni)$/

/** One of these is there from the first moment of the first start. */
const marks = ['podfit.log', 'api.db', 'instance.json']

/** Whether podfit was ever started in a directory; an empty one has nothing else to lose. */
export function isDataDirectory(path: string): boolean {
  const names = namesIn(path)
  return names !== undefined && (names.length === 0 || marks.some((mark) => names.includes(mark)))
}

/**
 * Removes what podfit keeps in a directory, and the directory if nothing else is in it.
 *
 * @returns what stays since it is somebody else's; undefined if the directory is gone
 */
export function purgeDirectory(path: string): readonly string[] | undefined {
  for (const name of namesIn(path) ?? []) {
    if (own.test(name)) rmSync(join(path, name), { recursive: true, force: true })
  }
  try {
    rmdirSync(path)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT') return undefined
    // A mount cannot be removed either.
    if (code === 'ENOTEMPTY' || code === 'EBUSY') return namesIn(path)
    throw error
  }
  return undefined
}

/** Undefined if there is no such directory. */
function namesIn(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
