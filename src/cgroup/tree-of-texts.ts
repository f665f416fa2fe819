import { CgroupError, noSuchFile } from './cgroup-error.ts'
import type { CgroupFiles } from './cgroup-files.ts'
import type { CgroupTree } from './cgroup-tree.ts'
import { v1Tree } from './v1/tree.ts'
import { v2Tree } from './v2/tree.ts'

/**
 * One cgroup of which only the texts of some files are known, as `/`: by file name on v2
 * (`/cpu.max`), with the controller before it on v1 (`/cpu/cpu.shares`). For reading only:
 * files that are not among them are `noFile`, and every change is `denied`.
 */
export function treeOfTexts(texts: ReadonlyMap<string, string>): CgroupTree {
  const files = filesOf(texts)
  const controllers = ['cpu', 'cpuacct', 'memory']
  const known = controllers.filter((name) =>
    texts.keys().some((path) => path.startsWith(`/${name}/`)),
  )
  if (known.length === 0) return v2Tree('', files)
  const byController = new Map(known.map((name) => [name, `/${name}`]))
  const roots = [...byController.values()]
  return v1Tree('', files, { byController, roots, kubeletRoots: [] })
}

function filesOf(texts: ReadonlyMap<string, string>): CgroupFiles {
  const denied = (dir: string): never => {
    throw new CgroupError('denied', `Cannot change ${dir}: only its texts are known`, { path: dir })
  }
  const readIfThere = (dir: string, file: string) => texts.get(`${dir}/${file}`)
  return {
    readIfThere,
    read(dir, file) {
      const text = readIfThere(dir, file)
      if (text === undefined) throw noSuchFile('read', { path: dir, file })
      return text
    },
    write: denied,
    writeSlow: (dir) => Promise.reject(new Error(`Cannot change ${dir}: only its texts are known`)),
    children: () => [],
    make: denied,
    remove: denied,
    exists: () => true,
  }
}
