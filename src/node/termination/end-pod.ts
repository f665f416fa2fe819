import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { type Container, isSidecar, type Pod } from '../../domain/pod.ts'
import { killContainer } from './kill-container.ts'
import type { NodeContext } from '../node-context.ts'
import { stopPod } from './stop-pod.ts'

/** What sidecars get at least when the others have used up the grace period. */
const leastGraceSeconds = 2

/**
 * Ends all of a pod with its hooks: the regular containers together, then the
 * sidecars one by one, the last one first, so that each is served until it has
 * ended. All of it within the grace period, and 2 s for each sidecar after that.
 *
 * @param pod with the spec that its containers run by.
 * @see KEP-753; kubelet's terminationOrdering.
 */
export async function endPod(
  context: NodeContext,
  pod: Pod,
  graceSeconds: number,
  message = (container: string): string => `Stopping container ${container}`,
): Promise<void> {
  const uid = pod.metadata.uid ?? ''
  const deadline = performance.now() + graceSeconds * 1000
  const kill = async (container: Container, grace: number): Promise<void> => {
    const latest = latestContainer(context.observed.get(uid), container.name)
    if (latest?.state !== 'running') return
    await killContainer(context, pod, {
      container,
      containerId: latest.id,
      graceSeconds: grace,
      message: message(container.name),
    })
  }
  const inits = pod.spec.initContainers ?? []
  const sidecars = inits.filter(isSidecar)
  const others = [...inits.filter((one) => !isSidecar(one)), ...pod.spec.containers]
  // Without any grace there is no order to keep.
  const first = graceSeconds === 0 ? [...others, ...sidecars] : others
  await Promise.all(first.map((container) => kill(container, graceSeconds)))
  for (const sidecar of sidecars.toReversed()) {
    const left = Math.ceil((deadline - performance.now()) / 1000)
    await kill(sidecar, Math.max(leastGraceSeconds, left))
  }
  await stopPod(context, uid, 0)
}
