import { qosCgroupName } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import { qosClassOf } from '../../domain/resources/qos.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import type { Finding } from '../findings/finding.ts'

/** Which of the cgroups that a kubelet puts above a pod are not there. */
export function missingAncestors(pod: Pod, look: CgroupLook): readonly Finding[] {
  if (look.kind === 'unseen' || look.ancestors === undefined || look.pod.kind !== 'read') return []
  const { path } = look.pod
  const there = new Set(
    look.ancestors.flatMap((one) => ('path' in one ? [qosCgroupName(one.path)] : [])),
  )
  const missing = (what: string): Finding => ({
    code: 'CG404',
    message: `${path} has no cgroup of ${what} above it`,
  })
  const qos = qosClassOf(pod.spec)
  // There is no directory for Guaranteed pods: theirs is that of all pods.
  if (!there.has('Guaranteed')) return [missing('all pods (kubepods)')]
  return there.has(qos) ? [] : [missing(`the ${qos} pods (kubepods/${qos.toLowerCase()})`)]
}
