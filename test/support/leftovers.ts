import { createHash } from 'node:crypto'
import { existsSync, globSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** By what the things of one podfit are known on this machine. */
export interface InstanceMarks {
  readonly dataDir: string
  /** `/podfit-0a1b2c3d`, below every cgroup hierarchy. */
  readonly cgroup: string
  readonly bridge: string
  /** Inodes of its pods' network namespaces, as of when these marks were taken. */
  readonly networkNamespaces: ReadonlySet<number>
}

/** The marks of the podfit that keeps its things in `dataDir`; take them while its pods run. */
export function marksOf(dataDir: string): InstanceMarks {
  const tag = createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
  const cgroup = `/podfit-${tag}`
  return {
    dataDir,
    cgroup,
    bridge: `pf-${tag}`,
    networkNamespaces: namespacesOf(cgroupDirectories(cgroup).flatMap(processesBelow)),
  }
}

/** What is still there of a podfit that was taken down: a line for each thing; none is right. */
export function leftoversOf(marks: InstanceMarks): readonly string[] {
  return [
    ...processesNaming(marks.dataDir),
    ...mountsBelow(marks.dataDir),
    ...cgroupDirectories(marks.cgroup).map((path) => `cgroup ${path}`),
    ...(existsSync(`/sys/class/net/${marks.bridge}`) ? [`bridge ${marks.bridge}`] : []),
    ...namedNamespaces()
      .filter(({ inode }) => marks.networkNamespaces.has(inode))
      .map(({ path }) => `network namespace ${path}`),
    ...(existsSync(marks.dataDir) ? [`directory ${marks.dataDir}`] : []),
  ]
}

/** Where a cgroup exists: once in v2, once for each hierarchy in v1. */
function cgroupDirectories(cgroup: string): readonly string[] {
  const root = '/sys/fs/cgroup'
  const candidates = [root, ...readdirSync(root).map((name) => `${root}/${name}`)]
  return candidates.map((path) => path + cgroup).filter((path) => existsSync(path))
}

function processesBelow(directory: string): readonly string[] {
  return globSync(`${directory}/**/cgroup.procs`).flatMap((file) =>
    (textOf(file) ?? '').split('\n').filter((pid) => pid !== ''),
  )
}

function namespacesOf(pids: readonly string[]): ReadonlySet<number> {
  const own = namespaceOf('self')
  const inodes = pids.map(namespaceOf).filter((inode) => inode !== undefined && inode !== own)
  return new Set(inodes as number[])
}

function namespaceOf(pid: string): number | undefined {
  try {
    return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[0])
  } catch {
    return undefined
  }
}

/** Network namespaces that a name keeps alive, as CNI makes them; those of others go meanwhile. */
function namedNamespaces(): readonly { readonly path: string; readonly inode: number }[] {
  return globSync('/run/netns/*').flatMap((path) => {
    const inode = statSync(path, { throwIfNoEntry: false })?.ino
    return inode === undefined ? [] : [{ path, inode }]
  })
}

function processesNaming(directory: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .map((pid) => ({ pid, command: (textOf(`/proc/${pid}/cmdline`) ?? '').replaceAll('\0', ' ') }))
    .filter(({ command }) => command.includes(directory))
    .map(({ pid, command }) => `process ${pid}: ${command}`)
}

function mountsBelow(directory: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((point) => point.startsWith(`${directory}/`))
    .map((point) => `mount ${point}`)
}

/** Processes and cgroups go away while they are looked at. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
