import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'

/**
 * The grace in seconds that somebody leaves who deletes a pod, or does so once more; undefined
 * if that is not less than stops that go on have.
 *
 * @param before the pod as it was known, if it was.
 */
export function shortenedGrace(
  before: Pod | undefined,
  { metadata, spec }: Pod,
): number | undefined {
  const { deletionGracePeriodSeconds: grace } = metadata
  const deleting = before?.metadata.deletionGracePeriodSeconds
  const granted = deleting ?? spec.terminationGracePeriodSeconds ?? 30
  return grace !== undefined && grace < granted ? grace : undefined
}

/**
 * Shortens the grace of containers that are being stopped already: what still runs
 * then is killed. The stop that is under way sees them end.
 *
 * @param among the ids that are meant; all of the pod without it.
 */
export async function hurryPod(
  { runtime, observed }: NodeContext,
  uid: string,
  graceSeconds: number,
  among?: ReadonlySet<string>,
): Promise<void> {
  const running = observed
    .get(uid)
    .containers.filter(({ id, state }) => state === 'running' && among?.has(id) !== false)
  await Promise.all(running.map(({ id }) => runtime.stopContainer(id, graceSeconds)))
}
