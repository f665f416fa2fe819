import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { allPodCgroups } from '../../cgroup/find-pod-cgroup.ts'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { MachineFacts } from '../../operate/check/machine-facts.ts'

/** What this machine's kernel offers. Never throws. */
export function machineFacts(): MachineFacts {
  return { cgroups: cgroupFacts(), runtimes: lowLevelRuntimes(), swap: hasSwap() }
}

function cgroupFacts(): MachineFacts['cgroups'] {
  try {
    const tree = openCgroupTree()
    const pods = [...allPodCgroups(tree).values()]
    return {
      version: tree.version,
      controllers: tree.controllers,
      pods: pods.length,
      systemd: pods.some((path) => path.endsWith('.slice')),
    }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

/** Those on the PATH: the first line of `runc --version` is `runc version 1.1.5`. */
function lowLevelRuntimes(): readonly string[] {
  return ['runc', 'crun'].flatMap((name) => {
    const { stdout } = spawnSync(name, ['--version'], { encoding: 'utf8', timeout: 2000 })
    const [, version] = /^\w+ version v?(\d+\.\d+(?:\.\d+)?)/.exec(stdout ?? '') ?? []
    return version === undefined ? [] : [`${name}://${version}`]
  })
}

/** The first line of /proc/swaps is a heading. */
function hasSwap(): boolean {
  try {
    return readFileSync('/proc/swaps', 'utf8').trim().split('\n').length > 1
  } catch {
    return false
  }
}
