import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestSize } from './sized-pod.ts'

const root = '/sys/fs/cgroup'
const v2 = existsSync(join(root, 'cgroup.controllers'))

/** Where a cgroup lies in the hierarchy of a controller. */
function directory(controller: 'cpu' | 'memory', cgroup: string): string {
  return v2 ? join(root, cgroup) : join(root, controller, cgroup)
}

export function cgroupExists(cgroup: string): boolean {
  return existsSync(directory('cpu', cgroup)) || existsSync(directory('memory', cgroup))
}

/** The names of the cgroups right below. */
export function childCgroups(cgroup: string): readonly string[] {
  const dir = directory('cpu', cgroup)
  if (!existsSync(dir)) return []
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
}

/**
 * Which files of a cgroup do not say what `size` means, worked out here once
 * more, apart from podfit's own arithmetic. None is right.
 */
export function wrongFiles(cgroup: string, { cpu, memory }: TestSize): readonly string[] {
  const shares = Math.floor((cpu[0] * 1024) / 1000)
  const quota = cpu[1] * 100
  const limit = String(memory[1] * 2 ** 20)
  const expected: readonly [controller: 'cpu' | 'memory', file: string, legal: string[]][] = v2
    ? [
        ['cpu', 'cpu.weight', weights(shares)],
        ['cpu', 'cpu.max', [`${quota} 100000`]],
        ['memory', 'memory.max', [limit]],
      ]
    : [
        ['cpu', 'cpu.shares', [String(shares)]],
        ['cpu', 'cpu.cfs_quota_us', [String(quota)]],
        ['cpu', 'cpu.cfs_period_us', ['100000']],
        ['memory', 'memory.limit_in_bytes', [limit]],
      ]
  return expected.flatMap(([controller, file, legal]) => {
    const path = join(directory(controller, cgroup), file)
    const found = existsSync(path) ? readFileSync(path, 'utf8').trim() : 'missing'
    return legal.includes(found) ? [] : [`${path} says ${found}, not ${legal.join(' or ')}`]
  })
}

/** The weights that runc before and since 1.3.2 makes of shares. */
function weights(shares: number): string[] {
  const linear = 1 + Math.floor(((shares - 2) * 9999) / 262_142)
  const log = Math.log2(shares)
  const quadratic = Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34))
  return [String(linear), String(quadratic)]
}
