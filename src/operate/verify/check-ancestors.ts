import type { KnobCheck } from '../../domain/cgroup/compare.ts'
import { qosCgroupName } from '../../domain/cgroup/names.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook, CgroupRead } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import type { Finding } from '../findings/finding.ts'
import { ancestorSizeChecks, type AncestorCheck } from './ancestor-size.ts'
import { checkClassMemory } from './check-class-memory.ts'
import { heldDown } from './held-down.ts'

/** One cgroup above the pod's, with what was compared there. */
export interface AncestorReport {
  readonly path: string
  readonly checks: readonly Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'>[]
  readonly findings: readonly Finding[]
}

/**
 * Holds the cgroups above a pod's against what the kubelet makes of the whole node: the
 * classes' CPU weights by the linear formula, no limit on them, the memory that they protect,
 * and the cgroup of all pods at least as large as the node says. Without a picture of the node
 * only limits are judged.
 */
export function checkAncestors(
  pod: Pod,
  look: CgroupLook,
  node: NodePicture | undefined,
): readonly AncestorReport[] {
  if (look.kind === 'unseen') return []
  return (look.ancestors ?? []).flatMap((sight): readonly AncestorReport[] => {
    switch (sight.kind) {
      case 'read':
        return [readAncestor(pod, sight, look.pageSize, node)]
      case 'unreadable': {
        const { path, why } = sight
        return [{ path, checks: [], findings: [{ code: 'CG303', message: why }] }]
      }
      case 'gone':
      case 'hidden':
        return []
      default:
        return sight satisfies never
    }
  })
}

function readAncestor(
  pod: Pod,
  sight: CgroupRead,
  pageSize: number,
  node: NodePicture | undefined,
): AncestorReport {
  const { path, problems = [] } = sight
  const checks = checksOf(sight, pageSize, node)
  const wrong = checks.filter(({ ok }) => !ok).map((one) => findingOf(one.code, one, sight))
  const unread = problems.map(({ file, why }): Finding => ({
    code: 'CG303',
    message: `${path}: ${why}`,
    file,
  }))
  return {
    path,
    checks: checks.map(({ code: _code, ...check }) => check),
    findings: [...heldDown(pod, sight), ...wrong, ...unread],
  }
}

function checksOf(
  sight: CgroupRead,
  pageSize: number,
  node: NodePicture | undefined,
): readonly AncestorCheck[] {
  const kind = qosCgroupName(sight.path)
  if (kind === undefined) return []
  const memory = node === undefined ? [] : checkClassMemory(sight, kind, node, pageSize)
  return [
    ...ancestorSizeChecks(sight, kind, node),
    ...memory.map((check) => ({ code: 'CG405', ...check }) as const),
  ]
}

function findingOf(
  code: AncestorCheck['code'],
  { file, found, expected }: Pick<KnobCheck, 'file' | 'found' | 'expected'>,
  { path }: CgroupRead,
): Finding {
  const message = `${path}: ${file} says ${found}, it should say ${expected.join(' or ')}`
  return { code, message, file, found, expected }
}
