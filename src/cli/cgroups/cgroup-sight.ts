import { CgroupError } from '../../cgroup/cgroup-error.ts'
import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { readOomScoreAdj } from '../../cgroup/oom-score.ts'
import type { ContainerStatus } from '../../domain/pod.ts'
import type { CgroupSight } from '../../operate/cgroups/cgroup-look.ts'
import type { Found } from './find-cgroups.ts'
import type { FormulaOf } from './oci-formula.ts'

/** Reads a cgroup of this machine's tree; `deep` also what goes beyond the limits. */
export function sight(
  tree: CgroupTree,
  found: (Partial<Found> & { readonly path: string }) | undefined,
  deep: boolean,
): CgroupSight {
  if (found === undefined) return { kind: 'gone' }
  const { path, foundBy } = found
  try {
    const { reading, problems } = tree.readParts(path)
    const cpus = reading.cpuQuota === 'max' ? tree.cpuCount(path) : undefined
    const soft = deep ? tree.softMemory(path) : undefined
    return {
      kind: 'read',
      path,
      ...(foundBy && { foundBy }),
      reading,
      ...(soft && { soft }),
      ...(cpus !== undefined && { cpus }),
      ...(problems.length > 0 && { problems }),
    }
  } catch (error) {
    if (error instanceof CgroupError && error.code === 'notFound') return { kind: 'gone' }
    return { kind: 'unreadable', path, why: error instanceof Error ? error.message : String(error) }
  }
}

interface ContainerLook {
  readonly found: Found | undefined
  readonly status: ContainerStatus | undefined
  readonly deep: boolean
}

/** A container's cgroup, and in a deep look what is known of its process and its runtime. */
export async function containerSight(
  tree: CgroupTree,
  formulaOf: FormulaOf,
  { found, status, deep }: ContainerLook,
): Promise<CgroupSight> {
  const seen = sight(tree, found, deep)
  if (!deep || found === undefined || seen.kind !== 'read') return seen
  const { binary } = found.place ?? {}
  const startedAt = status?.state?.running?.startedAt ?? ''
  const formula = binary === undefined ? undefined : await formulaOf(binary, startedAt)
  const oomScore = firstOomScore(tree, found)
  return { ...seen, ...(formula && { formula }), ...(oomScore !== undefined && { oomScore }) }
}

/** `oom_score_adj` of a container's first process, which has had it from the runtime. */
function firstOomScore(tree: CgroupTree, { path, place }: Found): number | undefined {
  try {
    const own = tree.processes(path)
    // crun has the processes in a cgroup below.
    const pids = own.length > 0 ? own : tree.processes(path, { recursive: true })
    // The runtime may count in another PID namespace than ours.
    const first = pids.find((pid) => pid === place?.pid) ?? Math.min(...pids)
    return pids.length === 0 ? undefined : readOomScoreAdj(first)
  } catch {
    // It ended in between, or may not be looked at.
    return undefined
  }
}
