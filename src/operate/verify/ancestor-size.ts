import { sharesFor } from '../../domain/cgroup/cpu.ts'
import { checkKnobs, type KnobCheck } from '../../domain/cgroup/compare.ts'
import { qosKnobs, type CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import type { QosClass } from '../../domain/resources/qos.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import type { CgroupRead } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import { sumsAtRest } from './pod-sums.ts'

/** One value of a cgroup above pods, and the finding if it is not right. */
export interface AncestorCheck extends Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'> {
  readonly code: 'CG402' | 'CG403' | 'CG405'
}

/** Holds the size of such a cgroup against what a kubelet makes of the pods and the node. */
export function ancestorSizeChecks(
  sight: CgroupRead,
  kind: QosClass,
  node: NodePicture | undefined,
): readonly AncestorCheck[] {
  switch (kind) {
    case 'BestEffort':
      return weightChecks(sight, qosKnobs('BestEffort'))
    case 'Burstable': {
      const knobs = node && sumsAtRest(node)?.burstable
      return knobs === undefined ? [] : weightChecks(sight, knobs)
    }
    case 'Guaranteed':
      return node === undefined ? [] : rootChecks(sight, node)
    default:
      return kind satisfies never
  }
}

function weightChecks(
  { reading }: CgroupRead,
  knobs: CgroupKnobs,
  code: AncestorCheck['code'] = 'CG402',
): readonly AncestorCheck[] {
  const how = { level: 'qos', systemd: false } as const
  return checkKnobs(knobs, reading, how).map(({ file, found, expected, ok }) => ({
    code,
    file,
    found,
    expected,
    ok,
  }))
}

/** A node may reserve more than its status tells, but never holds less for pods than that. */
function rootChecks(sight: CgroupRead, { node }: NodePicture): readonly AncestorCheck[] {
  const { cpuRequest, memoryRequest } = sizeOf({ requests: node.allocatable })
  const { cpu, memoryLimit } = sight.reading
  const v2 = cpu?.kind !== 'shares'
  const memory: AncestorCheck[] =
    memoryRequest === undefined || memoryLimit === undefined
      ? []
      : [
          {
            code: 'CG403',
            file: v2 ? 'memory.max' : 'memory.limit_in_bytes',
            found: `${memoryLimit}`,
            expected: [`${memoryRequest} or more`],
            ok: memoryLimit === 'max' || memoryLimit >= memoryRequest,
          },
        ]
  // A kubelet that enforces nothing leaves the weight at the kernel's default.
  const isDefault = cpu?.kind === 'weight' ? cpu.weight === 100 : cpu?.shares === 1024
  if (cpuRequest === undefined || isDefault) return memory
  return [...weightChecks(sight, { cpuShares: sharesFor(cpuRequest) }, 'CG403'), ...memory]
}
