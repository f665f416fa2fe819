import type { MemoryReservation, MemoryReservationPolicy } from '../../domain/cgroup/memory-qos.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import { usageError } from '../cli-error.ts'

/**
 * How `--memory-qos` protects requested memory. Kubernetes has a policy from 1.36 on; without
 * a word it is the one that protects.
 *
 * @throws CliError for a policy that the version does not have
 */
export function memoryReservationOf(
  flag: true | MemoryReservationPolicy | undefined,
  version: KubeVersion,
): MemoryReservation | undefined {
  if (flag === undefined) return undefined
  if (atLeast(version, '1.36')) return flag === true ? 'TieredReservation' : flag
  if (flag === true) return 'Hard'
  throw usageError(
    `Cannot take --memory-qos ${flag}: Kubernetes ${version} has one policy only, and protects all that is requested; leave the policy out, or take --kube-version 1.36`,
  )
}
