import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const defaultDataDirectory = '/var/lib/podfit'

/** Where one podfit keeps everything it owns, and the names it uses outside of that. */
export interface DataDirectory {
  readonly path: string
  readonly apiDatabase: string
  readonly nodeDatabase: string
  readonly pki: string
  readonly kubeconfig: string
  readonly pidFile: string
  readonly log: string
  readonly pods: string
  readonly podLogs: string
  /** Marks this podfit's cgroup and bridge on the machine; empty for the default directory. */
  readonly suffix: string
}

/** Two directories never share a cgroup or a bridge: their names carry a hash of the path. */
export function dataDirectory(path: string = defaultDataDirectory): DataDirectory {
  const root = resolve(path)
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 8)
  return {
    path: root,
    apiDatabase: join(root, 'api.db'),
    nodeDatabase: join(root, 'node.db'),
    pki: join(root, 'pki'),
    kubeconfig: join(root, 'kubeconfig'),
    pidFile: join(root, 'podfit.pid'),
    log: join(root, 'podfit.log'),
    pods: join(root, 'pods'),
    podLogs: join(root, 'logs', 'pods'),
    suffix: root === defaultDataDirectory ? '' : `-${hash}`,
  }
}

/** Makes the directories; only root may look inside. */
export function createDataDirectory(directory: DataDirectory): void {
  mkdirSync(directory.path, { recursive: true, mode: 0o700 })
  for (const path of [directory.pods, directory.podLogs])
    mkdirSync(path, { recursive: true, mode: 0o755 })
}
