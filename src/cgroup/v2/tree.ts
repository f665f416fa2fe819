import { innerCgroup } from '../../domain/cgroup/compare.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { cgroupPath } from '../cgroup-path.ts'
import type { CgroupTree } from '../cgroup-tree.ts'
import { cpusInList } from '../file-text.ts'
import { processCgroups } from '../process-cgroup.ts'
import { childrenIn } from '../processes-in.ts'
import { readKnobParts, readKnobs, writeContainerKnobs, writeKnobs } from './knobs.ts'
import { cgroupExists, controllersOf, createCgroup, removeCgroup } from './lifecycle.ts'
import { cgroupProcesses, killCgroup } from './processes.ts'
import { readMemoryHigh, readSoftMemory, reclaim } from './soft-memory.ts'
import { cpuUsage, memoryEvents, memorySample, memoryUsage } from './usage.ts'

/** The one tree of cgroup v2, mounted at `mount`. */
export function v2Tree(mount: string, files: CgroupFiles): CgroupTree {
  const dir = (path: string) => mount + cgroupPath(path)
  return {
    version: 'v2',
    mount,
    controllers: controllersOf(files, mount),
    create: (path) => createCgroup(files, mount, cgroupPath(path)),
    exists: (path) => cgroupExists(files, mount, cgroupPath(path)),
    has: (path) => files.exists(dir(path)),
    remove: (path, { recursive = false } = {}) => removeCgroup(files, dir(path), recursive),
    write: (path, knobs) => writeKnobs(files, dir(path), knobs),
    writeContainer: (path, knobs, formula) => writeContainerKnobs(files, dir(path), knobs, formula),
    writeMemoryLimit: (path, limit) => files.writeSlow(dir(path), 'memory.max', `${limit}`),
    read: (path) => readKnobs(files, dir(path)),
    readParts: (path) => readKnobParts(files, dir(path)),
    cpuCount(path) {
      const list = files.readIfThere(dir(path), 'cpuset.cpus.effective')
      return list === undefined ? undefined : cpusInList(list)
    },
    memoryUsage: (path) => memoryUsage(files, dir(path)),
    writeUnified(path, unified) {
      for (const [file, text] of Object.entries(unified)) files.write(dir(path), file, text)
    },
    readUnified: (path, names) =>
      Object.fromEntries(
        names.flatMap((name) => {
          const text = files.readIfThere(dir(path), name)
          return text === undefined ? [] : [[name, text]]
        }),
      ),
    controlsSwap: (path) => files.readIfThere(dir(path), 'memory.swap.max') !== undefined,
    memorySample: (path) => memorySample(files, dir(path)),
    reclaim: (path, amount) => reclaim(files, dir(path), amount),
    memoryHigh: (path) => readMemoryHigh(files, dir(path)),
    softMemory: (path) => readSoftMemory(files, dir(path)),
    setMemoryHigh: (path, high) => files.writeSlow(dir(path), 'memory.high', `${high}`),
    cpuUsage: (path) => cpuUsage(files, dir(path)),
    memoryEvents: (path) => memoryEvents(files, dir(path)),
    processes: (path, { recursive = false } = {}) => cgroupProcesses(files, dir(path), recursive),
    directories: (path) =>
      [dir(path), `${dir(path)}/${innerCgroup}`].filter((one) => files.exists(one)),
    children(path) {
      const parent = cgroupPath(path)
      return childrenIn(files, mount + parent).map((name) => `${parent}/${name}`)
    },
    pathOfProcess: (pid) => processCgroups(pid)?.v2,
    kill: (path) => killCgroup(files, dir(path)),
  }
}
