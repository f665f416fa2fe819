import { accessSync, chmodSync, constants, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { defaultDataDir } from '../../containerd/default-data-dir.ts'
import { dataDirTag } from '../../containerd/network/pod-network.ts'
import { makeDirectory } from './make-directory.ts'

/** Where one podfit keeps everything it owns, and the names it has outside of that. */
export interface DataDirectory {
  readonly path: string
  readonly apiDatabase: string
  readonly nodeDatabase: string
  readonly pki: string
  readonly kubeconfig: string
  /** See instance.ts. */
  readonly instance: string
  readonly log: string
  /** Volumes, by pod UID. */
  readonly pods: string
  readonly podLogs: string
  /** Profiles that pods may name with seccomp type `Localhost`. */
  readonly seccomp: string
  /** The cgroup that holds everything of this podfit. */
  readonly cgroup: string
}

/** Two directories never share a cgroup: its name carries the directory's tag. */
export function dataDirectory(path: string = defaultDataDir): DataDirectory {
  const root = resolve(path)
  return {
    path: root,
    apiDatabase: join(root, 'api.db'),
    nodeDatabase: join(root, 'node.db'),
    pki: join(root, 'pki'),
    kubeconfig: join(root, 'kubeconfig'),
    instance: join(root, 'instance.json'),
    log: join(root, 'podfit.log'),
    pods: join(root, 'pods'),
    podLogs: join(root, 'logs', 'pods'),
    seccomp: join(root, 'seccomp'),
    cgroup: root === defaultDataDir ? '/podfit' : `/podfit-${dataDirTag(root)}`,
  }
}

/**
 * Makes the directories. One that is there already may be open to others, who must not see into
 * what has Secrets, tokens and logs: those directories only root may enter.
 *
 * @throws Error with one line if they cannot be made there, not be written, or others could exchange
 *   them.
 */
export function createDataDirectory({ path, pods, podLogs }: DataDirectory): void {
  try {
    makeDirectory(path, 0o700)
    requireOwn(path)
    for (const inside of [pods, dirname(podLogs)]) {
      makeDirectory(inside)
      chmodSync(inside, 0o700)
    }
    makeDirectory(podLogs)
    accessSync(path, constants.W_OK)
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'a file is in the way' : message
    const cure = 'name another directory with --data-dir'
    throw new Error(`Cannot keep data in ${path}: ${why}; ${cure}`, { cause })
  }
}

/** Who may write there may put keys and a kubeconfig of his own in the place of podfit's. */
function requireOwn(path: string): void {
  const { mode } = statSync(path)
  if ((mode & 0o002) === 0) return
  const bits = (mode & 0o7777).toString(8)
  throw new Error(`every user may write there (mode ${bits}; chmod o-w helps)`)
}
