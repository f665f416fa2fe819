import { type Check, error, ok, warning } from './check.ts'
import { driverFaults, type RuntimeFault, runtimeFaults } from './runtime-faults.ts'
import type { NodeAnswer } from './server-facts.ts'

/** What the node's runtime and its kubelet's cgroup driver are known to do wrong. */
export function runtimeChecks(node: NodeAnswer, deep: boolean): readonly Check[] {
  const { runtimeVersion, kubelet, kubeletVersion } = node
  const known = 'why' in kubelet ? {} : kubelet
  // Whoever did not ask for the cgroup version is not told of what may be with one of them.
  const faults = runtimeFaults(runtimeVersion, known.cgroupVersion).filter(
    ({ cgroups }) => deep || cgroups === undefined,
  )
  return [
    ...faultChecks(runtimeVersion, faults),
    ...driverFaults({ ...known, kubeletVersion }).map((fault) => faultCheck('kubelet', fault)),
  ]
}

/** `runtime` names itself as it does on a node: `containerd://1.7.2`. */
export function faultChecks(runtime: string, faults: readonly RuntimeFault[]): readonly Check[] {
  if (faults.length === 0) return [ok(`runtime ${runtime} has no known fault`)]
  return faults.map((fault) => faultCheck(`runtime ${runtime}`, fault))
}

function faultCheck(what: string, { text, hint, link, fatal }: RuntimeFault): Check {
  const more = link === undefined ? hint : `${hint}; ${link}`
  return (fatal ? error : warning)(`${what}: ${text}`, more)
}
