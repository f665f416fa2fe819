import { type Check, error, ok, warning } from './check.ts'
import { faultChecks } from './check-runtime.ts'
import type { MachineFacts } from './machine-facts.ts'
import { runtimeFaults } from './runtime-faults.ts'

/** Whether the kernel can be seen from here, and what it does to resizes. */
export function machineChecks({ cgroups, runtimes, swap }: MachineFacts): readonly Check[] {
  if ('why' in cgroups) {
    return [
      warning(`has no cgroups: ${cgroups.why}`, 'run podfit on the node to verify the kernel'),
    ]
  }
  const { version, controllers, pods, systemd } = cgroups
  const missing = ['cpu', 'memory'].filter((one) => !controllers.includes(one))
  return [
    ok(`cgroup ${version}`),
    missing.length === 0
      ? ok('controllers cpu and memory are there')
      : error(
          `has no controller ${missing.join(' and ')}`,
          'enable it by the kernel command line: cgroup_enable=memory, or cgroup.subtree_control',
        ),
    pods === 0
      ? warning('no pod runs here', 'verify sees the kernel only on the node that the pod runs on')
      : ok(`${pods} cgroups of pods are here, by the ${systemd ? 'systemd' : 'cgroupfs'} driver`),
    ...runtimes.flatMap((runtime) => faultChecks(runtime, runtimeFaults(runtime, version))),
    ...(swap
      ? [warning('swap is on', 'a pod that may swap cannot change its memory request in place')]
      : []),
  ]
}
