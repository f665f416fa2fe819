import { CgroupError } from '../cgroup-error.ts'
import type { CgroupFiles } from '../cgroup-files.ts'
import { cgroupPath } from '../cgroup-path.ts'
import type { CgroupTree } from '../cgroup-tree.ts'
import { cpusInList } from '../file-text.ts'
import { processCgroups } from '../process-cgroup.ts'
import { childrenIn } from '../processes-in.ts'
import { directoryOf } from './directory.ts'
import type { Hierarchies } from './hierarchies.ts'
import { readKnobParts, readKnobs, writeKnobs, writeMemoryLimitSlowly } from './knobs.ts'
import { cgroupExists, createCgroup, removeCgroup } from './lifecycle.ts'
import { cgroupProcesses, killCgroup } from './processes.ts'
import { cpuUsage, memoryEvents, memorySample, memoryUsage } from './usage.ts'

/** The hierarchies that tell best in which container a process is: others may be shared. */
const tellingControllers = ['memory', 'cpu', 'pids', 'systemd']

function pathOfProcess(pid: number): string | undefined {
  const paths = processCgroups(pid)?.v1
  return tellingControllers.map((name) => paths?.get(name)).find((path) => path !== undefined)
}

/** A tree of cgroup v1 hierarchies below `mount`, pure or hybrid. */
export function v1Tree(mount: string, files: CgroupFiles, hierarchies: Hierarchies): CgroupTree {
  const controllers = [...hierarchies.byController.keys()].filter((name) => name !== 'unified')
  return {
    version: 'v1',
    mount,
    controllers,
    create: (path) => createCgroup(files, hierarchies, cgroupPath(path)),
    exists: (path) => cgroupExists(files, hierarchies, cgroupPath(path)),
    has: (path) => hierarchies.roots.some((root) => files.exists(root + cgroupPath(path))),
    remove: (path, { recursive = false } = {}) =>
      removeCgroup(files, hierarchies, cgroupPath(path), recursive),
    write: (path, knobs) => writeKnobs(files, hierarchies, cgroupPath(path), knobs),
    writeContainer: (path, knobs) =>
      writeKnobs(files, hierarchies, cgroupPath(path), knobs, 'none'),
    writeMemoryLimit: (path, limit) =>
      writeMemoryLimitSlowly(files, hierarchies, cgroupPath(path), limit),
    read: (path) => readKnobs(files, hierarchies, cgroupPath(path)),
    readParts: (path) => readKnobParts(files, hierarchies, cgroupPath(path)),
    cpuCount(path) {
      const root = hierarchies.byController.get('cpuset')
      const list =
        root === undefined
          ? undefined
          : files.readIfThere(root + cgroupPath(path), 'cpuset.effective_cpus')
      return list === undefined ? undefined : cpusInList(list)
    },
    memoryUsage: (path) => memoryUsage(files, hierarchies, cgroupPath(path)),
    writeUnified() {},
    readUnified: () => ({}),
    controlsSwap: () => false,
    memorySample: (path) => memorySample(files, hierarchies, cgroupPath(path)),
    reclaim: () => Promise.resolve(false),
    memoryHigh: () => undefined,
    softMemory: () => undefined,
    setMemoryHigh(path) {
      const message = `Cannot set memory.high of ${path}: cgroup v1 has no such limit`
      return Promise.reject(new CgroupError('noFile', message, { path, file: 'memory.high' }))
    },
    cpuUsage: (path) => cpuUsage(files, hierarchies, cgroupPath(path)),
    memoryEvents: (path) => memoryEvents(files, hierarchies, cgroupPath(path)),
    processes: (path, { recursive = false } = {}) =>
      cgroupProcesses(files, hierarchies, cgroupPath(path), recursive),
    directories: (path) =>
      ['cpu', 'memory'].flatMap((name) => {
        const root = hierarchies.byController.get(name)
        return root === undefined ? [] : [root + cgroupPath(path)]
      }),
    children(path) {
      const parent = cgroupPath(path)
      const names = childrenIn(files, directoryOf(hierarchies, 'cpu', parent))
      return names.map((name) => `${parent}/${name}`)
    },
    pathOfProcess,
    kill: (path) => killCgroup(files, hierarchies, cgroupPath(path)),
  }
}
