import { compareKnobs } from '../../domain/cgroup/compare.ts'
import type { FileDifference } from '../../domain/cgroup/compare-unified.ts'
import { driftMessage } from '../../domain/cgroup/drift.ts'
import {
  type CgroupKnobs,
  type CgroupReading,
  containerKnobs,
  podKnobs,
  unlimitedWhereUnset,
} from '../../domain/cgroup/knobs.ts'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod } from '../../domain/pod.ts'
import { effectiveSize } from '../../domain/resources/pod-resources.ts'
import { conditionOf, inProgressType } from '../../domain/resize/conditions.ts'
import { stuckMessage } from '../../domain/resize/actuation/memory-shrink.ts'
import type { ShrinkSubject } from '../../domain/resize/actuation/resize-step.ts'
import { sameSize } from '../../domain/resources/size.ts'
import type { NodeContext } from '../node-context.ts'
import { unlessGone } from '../unless-gone.ts'
import { updateContainer } from '../actuation/update-container.ts'

/** A cgroup of a pod at rest that does not say what the node has actuated. */
export interface PodDrift {
  readonly of: ShrinkSubject
  readonly knobs: CgroupKnobs
  readonly reading: CgroupReading
  /** Of the event: expected and found. */
  readonly message: string
}

/**
 * Holds the cgroups of a pod and of its running containers against what the node has
 * actuated. Nothing is said of a pod whose resize is under way.
 *
 * @param pod with the allocated resources in its spec.
 */
export function findPodDrift(context: NodeContext, pod: Pod): readonly PodDrift[] {
  const { conditions, checkpoint, observed, cgroups } = context
  const uid = pod.metadata.uid ?? ''
  if (conditionOf(conditions.get(uid), inProgressType) !== undefined) return []
  if (checkpoint.updating(uid).size > 0 || !cgroups.pods.isSettled(pod)) return []
  const containers = allContainers(pod.spec)
  const drifts: (PodDrift | undefined)[] = []
  for (const container of containers) {
    const { name } = container
    const latest = latestContainer(observed.get(uid), name)
    if (latest?.state !== 'running') continue
    const size = effectiveSize(pod.spec, container)
    if (!sameSize(checkpoint.actuated(uid).get(name) ?? {}, size)) return []
    const of = { kind: 'container', container: name, containerId: latest.id } as const
    const files = (): readonly FileDifference[] =>
      cgroups.containers.findFileDrift(pod, container, latest.id)
    const read = (): CgroupReading => cgroups.containers.read(pod, latest.id)
    drifts.push(drift(context, of, containerKnobs(size), read, files))
  }
  if (drifts.length === 0) return []
  const read = (): CgroupReading => cgroups.pods.read(pod)
  const files = (): readonly FileDifference[] => cgroups.pods.findFileDrift(pod)
  drifts.push(drift(context, { kind: 'pod' }, podKnobs(pod.spec), read, files))
  return drifts.filter((one) => one !== undefined)
}

function drift(
  { cgroups: { systemd } }: NodeContext,
  of: ShrinkSubject,
  given: CgroupKnobs,
  read: () => CgroupReading,
  files: () => readonly FileDifference[],
): PodDrift | undefined {
  // A limit cannot be taken back, so where there is none there never was one.
  const knobs = unlimitedWhereUnset(given)
  // A cgroup that is gone has not drifted.
  const reading = unlessGone(read)
  if (reading === undefined) return undefined
  const differences: readonly FileDifference[] = [
    ...compareKnobs(knobs, reading, { level: of.kind, systemd }),
    // Below crun's own cgroup nobody knows in which of the two they are.
    ...(reading.inner === undefined ? (unlessGone(files) ?? []) : []),
  ]
  if (differences.length === 0) return undefined
  const whose = of.kind === 'pod' ? 'the pod' : `container ${of.container}`
  return { of, knobs, reading, message: driftMessage(whose, differences) }
}

/**
 * Puts a value back: the pod's by the node, a container's by the runtime, which knows how it
 * writes it. Memory comes down as in a resize, without a kill.
 *
 * @throws Error with what is in the way; the next sweep finds it again
 */
export async function restoreDrift(context: NodeContext, pod: Pod, found: PodDrift): Promise<void> {
  const { cgroups, shrinker } = context
  const { of, knobs, reading } = found
  const limit = knobs.memoryLimit
  if (typeof limit === 'number' && (reading.memoryLimit === 'max' || reading.memoryLimit > limit)) {
    const result = await shrinker.shrink(cgroups.memory.of(pod, of), limit)
    const container = of.kind === 'pod' ? undefined : of.container
    if (result.kind === 'stuck') throw new Error(stuckMessage({ ...result, container }))
  }
  if (of.kind === 'pod') {
    cgroups.pods.write(pod, knobs)
    return cgroups.pods.protect(pod)
  }
  await updateContainer(context, pod, { ...of, knobs })
}
