import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  CgroupUsage,
  PodUsage,
  Usage,
  UsageReport,
  UsageSource,
} from '../../apiserver/usage/usage-source.ts'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { type CgroupDriver, containerCgroupPath, podCgroupPath } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import type { QosClass } from '../../domain/resources/qos.ts'
import { cgroupFigures } from './cgroup-figures.ts'

export interface UsageOptions {
  readonly tree: CgroupTree
  /** The cgroup below which the node's pods are. */
  readonly root: string
  /** How cgroups are named; asked at each look, since the runtime may say it later. */
  readonly driver: () => CgroupDriver
  readonly node: string
  readonly pods: () => Promise<readonly Pod[]>
}

interface Sample {
  readonly at: number
  /** Nanoseconds of CPU time since ever, by cgroup path; `''` is the machine. */
  readonly cpu: ReadonlyMap<string, number>
}

interface Place {
  readonly container: string
  readonly path: string
}

interface PodPlace {
  readonly path: string
  readonly containers: readonly Place[]
}

const shortestMs = 1000
/** An older sample would tell of the past. */
const longestMs = 60_000

/**
 * What pods and this machine use, read from cgroup files when somebody asks: the CPU
 * rate since the last question, or over a second if that was long ago. Nothing is
 * measured while nobody asks.
 */
export function createUsageSource(options: UsageOptions): UsageSource {
  let last: Sample | undefined
  let running: Promise<UsageReport> | undefined
  const measure = async (): Promise<UsageReport> => {
    const pods = (await options.pods()).filter(({ status }) => status?.phase === 'Running')
    const places = new Map(pods.map((pod) => [pod, placesOf(options, pod)]))
    const paths = [...places.values()].flatMap(({ path, containers }) => [
      path,
      ...containers.map((container) => container.path),
    ])
    const usable =
      last !== undefined &&
      Date.now() - last.at < longestMs &&
      paths.every((path) => last?.cpu.has(path))
    const begun = usable && last !== undefined ? last : sample(options.tree, paths)
    const wait = begun.at + shortestMs - Date.now()
    if (wait > 0) await sleep(wait)
    const after = sample(options.tree, paths)
    last = after
    return report(options, places, begun, after)
  }
  return {
    read: () => {
      running ??= measure().finally(() => (running = undefined))
      return running
    },
    figures: (cgroup) => ifThere(() => cgroupFigures(options.tree, cgroup)),
  }
}

function placesOf({ root, driver }: UsageOptions, pod: Pod): PodPlace {
  const { metadata, spec, status } = pod
  const qos = (status?.qosClass as QosClass | undefined) ?? qosClassOf(spec)
  const path = podCgroupPath(root, qos, metadata.uid ?? '', driver())
  const statuses = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])]
  const containers = statuses.flatMap(({ name, containerID, state }) => {
    const id = containerID?.split('://')[1] ?? ''
    if (state?.running === undefined || id === '') return []
    return [{ container: name, path: containerCgroupPath(path, id, driver()) }]
  })
  return { path, containers }
}

function sample(tree: CgroupTree, paths: readonly string[]): Sample {
  const cpu = new Map<string, number>([['', machineCpuNanos()]])
  for (const path of paths) {
    const nanos = ifThere(() => tree.cpuUsage(path).usage * 1000)
    if (nanos !== undefined) cpu.set(path, nanos)
  }
  return { at: Date.now(), cpu }
}

function report(
  { tree, node }: UsageOptions,
  places: ReadonlyMap<Pod, PodPlace>,
  before: Sample,
  after: Sample,
): UsageReport {
  const windowMs = after.at - before.at
  const cpu = (path: string) => {
    const total = after.cpu.get(path) ?? 0
    const rate = (total - (before.cpu.get(path) ?? 0)) / (windowMs / 1000)
    return { cpuNanos: Math.max(0, rate), cpuTotalNanos: total }
  }
  const usageOf = (cgroup: string): CgroupUsage | undefined => {
    const memoryBytes = ifThere(() => tree.memoryUsage(cgroup).workingSet)
    if (memoryBytes === undefined || !before.cpu.has(cgroup)) return undefined
    return { ...cpu(cgroup), memoryBytes, cgroup }
  }
  const pods = [...places].map(([{ metadata }, place]): PodUsage => {
    const containers = place.containers.flatMap(({ container, path }) => {
      const usage = usageOf(path)
      return usage === undefined ? [] : [{ name: container, ...usage }]
    })
    const whole = usageOf(place.path)
    const { namespace = '', name } = metadata
    return { namespace, name, ...(whole && { whole }), containers }
  })
  const machine: Usage = { ...cpu(''), memoryBytes: machineMemory() }
  return { at: after.at, windowMs, nodes: [{ name: node, ...machine }], pods }
}

/** A container may end between two looks. */
function ifThere<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function machineCpuNanos(): number {
  const busyMs = cpus().reduce((sum, { times }) => {
    return sum + times.user + times.nice + times.sys + times.irq
  }, 0)
  return busyMs * 1_000_000
}

function machineMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  const bytesOf = (name: string): number => {
    return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)
  }
  return bytesOf('MemTotal') - bytesOf('MemAvailable')
}
