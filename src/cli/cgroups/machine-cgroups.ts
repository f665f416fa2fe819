import type { CgroupTree } from '../../cgroup/cgroup-tree.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { CgroupSource } from '../../operate/cgroups/cgroup-look.ts'
import type { UsageSource } from '../../operate/cluster/usage.ts'
import { noRuntime, type RuntimePlaces } from './runtime-places.ts'
import { treeSource } from './tree-source.ts'

/** This machine's cgroups: what they say, and what is used in them. */
export interface MachineCgroups extends CgroupSource, UsageSource {}

/** This machine's cgroups; without any (macOS, no cgroup mount) a source that says so. */
export function machineCgroups(
  open: () => CgroupTree = openCgroupTree,
  runtime: RuntimePlaces = noRuntime,
): MachineCgroups {
  try {
    return treeSource(open(), runtime)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      sample: () => Promise.resolve(undefined),
      look: () =>
        Promise.resolve({
          kind: 'unseen',
          why: `this machine has no cgroups to look at: ${why}`,
        }),
    }
  }
}
