import { oomScoreAdj } from '../../domain/cgroup/oom-score.ts'
import type { Pod } from '../../domain/pod.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import { containersOf, type PodContainer } from '../containers.ts'
import type { Finding } from '../findings/finding.ts'

/**
 * Holds the `oom_score_adj` of each container's first process against what its size comes
 * to. Runtimes set it at the start alone: so nothing is said where the pod may have had
 * another size then, or where the memory of the machine is not known.
 */
export function checkOomScores(
  pod: Pod,
  look: CgroupLook,
  node: NodePicture | undefined,
): readonly Finding[] {
  const nodeMemory = sizeOf({ requests: node?.node.capacity ?? {} }).memoryRequest
  if (look.kind === 'unseen' || nodeMemory === undefined || nodeMemory === 0) return []
  const isStatic = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
  return containersOf(pod).flatMap((container) => {
    const { name } = container.spec
    const sight = look.containers[name]
    const found = sight?.kind === 'read' ? sight.oomScore : undefined
    if (found === undefined || !hasSizeOfStart(pod, container)) return []
    const right = oomScoreAdj({ spec: pod.spec, container: container.spec, nodeMemory, isStatic })
    if (found === right) return []
    const file = 'oom_score_adj'
    const message = `${file} of the first process is ${found}, it should be ${right}`
    const texts = { found: `${found}`, expected: [`${right}`] }
    return [{ code: 'CG107', container: name, message, file, ...texts } as const]
  })
}

/**
 * Whether nobody but the node has written the pod since the container started. Times are in
 * whole seconds.
 */
function hasSizeOfStart({ metadata }: Pod, { status }: PodContainer): boolean {
  const startedAt = Date.parse(status?.state?.running?.startedAt ?? '')
  if (Number.isNaN(startedAt)) return false
  if (metadata.generation === 1) return true
  const { managedFields = [] } = metadata
  const written = managedFields
    .filter(({ subresource }) => subresource !== 'status')
    .map(({ time = '' }) => Date.parse(time))
  return written.length > 0 && written.every((time) => time < startedAt)
}
