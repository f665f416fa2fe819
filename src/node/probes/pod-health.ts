import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { isSidecar, type Pod } from '../../domain/pod.ts'
import { type ContainerHealth, healthOf } from '../../domain/probe/container-health.ts'
import type { NodeContext } from '../node-context.ts'

/** The health of the pod's running containers, by container id. */
export function podHealth(
  { observed, probes }: NodeContext,
  { metadata, spec }: Pod,
): ReadonlyMap<string, ContainerHealth> {
  const inits = (spec.initContainers ?? []).filter(isSidecar)
  return new Map(
    [...inits, ...spec.containers].flatMap((container) => {
      const latest = latestContainer(observed.get(metadata.uid ?? ''), container.name)
      if (latest?.state !== 'running') return []
      return [[latest.id, healthOf(container, probes.results(latest.id))] as const]
    }),
  )
}
