import { isSidecar, type PodSpec } from '../pod.ts'
import { latestContainer, type ObservedPod } from './observed.ts'
import { startsAgain } from './restart-policy.ts'

/**
 * The phase of a pod that has ended by itself: all regular containers exited
 * and none restarts, or an init container failed for good.
 */
export function endedPhase(
  spec: PodSpec,
  observed: ObservedPod,
  restarting: ReadonlySet<string>,
): 'Succeeded' | 'Failed' | undefined {
  for (const container of spec.initContainers ?? []) {
    const latest = latestContainer(observed, container.name)
    if (isSidecar(container) || latest?.state !== 'exited') continue
    if (latest.exitCode !== 0 && !startsAgain(spec, container, latest, restarting)) return 'Failed'
  }
  const latest = spec.containers.map(({ name }) => latestContainer(observed, name))
  const allEnded = spec.containers.every((container, index) => {
    const one = latest[index]
    return one?.state === 'exited' && !startsAgain(spec, container, one, restarting)
  })
  if (!allEnded) return undefined
  return latest.every((one) => one?.exitCode === 0) ? 'Succeeded' : 'Failed'
}
