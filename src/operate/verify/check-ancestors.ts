import { checkKnobs, type KnobCheck } from '../../domain/cgroup/compare.ts'
import { qosKnobs, type CgroupKnobs } from '../../domain/cgroup/knobs.ts'
import { qosCgroupName } from '../../domain/cgroup/names.ts'
import { defaultPeriod, sharesFor } from '../../domain/cgroup/cpu.ts'
import type { Pod } from '../../domain/pod.ts'
import { podSize } from '../../domain/resources/pod-resources.ts'
import { qosClassOf, type QosClass } from '../../domain/resources/qos.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import type { CgroupLook, CgroupSight } from '../cgroups/cgroup-look.ts'
import type { NodePicture } from '../cluster/cluster-facts.ts'
import { checkClassMemory } from './check-class-memory.ts'
import type { Finding } from '../findings/finding.ts'
import { sumsAtRest } from './pod-sums.ts'

/** One cgroup above the pod's, with what was compared there. */
export interface AncestorReport {
  readonly path: string
  readonly checks: readonly Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'>[]
  readonly findings: readonly Finding[]
}

type Read = Extract<CgroupSight, { kind: 'read' }>

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
  sight: Read,
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

interface AncestorCheck extends Pick<KnobCheck, 'file' | 'found' | 'expected' | 'ok'> {
  readonly code: 'CG402' | 'CG403' | 'CG405'
}

function checksOf(
  sight: Read,
  pageSize: number,
  node: NodePicture | undefined,
): readonly AncestorCheck[] {
  const kind = qosCgroupName(sight.path)
  if (kind === undefined) return []
  const memory = node === undefined ? [] : checkClassMemory(sight, kind, node, pageSize)
  return [
    ...sizeChecks(sight, kind, node),
    ...memory.map((check) => ({ code: 'CG405', ...check }) as const),
  ]
}

function sizeChecks(
  sight: Read,
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
  { reading }: Read,
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
function rootChecks(sight: Read, { node }: NodePicture): readonly AncestorCheck[] {
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

function findingOf(
  code: AncestorCheck['code'],
  { file, found, expected }: Pick<KnobCheck, 'file' | 'found' | 'expected'>,
  { path }: Read,
): Finding {
  const message = `${path}: ${file} says ${found}, it should say ${expected.join(' or ')}`
  return { code, message, file, found, expected }
}

/** A limit above that is smaller than what the pod is promised or limited to. */
function heldDown(pod: Pod, { path, reading }: Read): readonly Finding[] {
  const isRoot = qosCgroupName(path) === 'Guaranteed'
  const size = podSize(pod.spec)
  // The cgroup of all pods has the node's size: limits may add up to more, requests may not.
  const cpu = isRoot ? size.cpuRequest : (size.cpuLimit ?? size.cpuRequest)
  const memory = isRoot ? size.memoryRequest : (size.memoryLimit ?? size.memoryRequest)
  const { cpuQuota = 'max', cpuPeriod = defaultPeriod, memoryLimit = 'max' } = reading
  const held = (what: string): Finding => ({
    code: 'CG401',
    message: `${path} has a limit of ${what}, the pod ${qosClassOf(pod.spec) === 'Guaranteed' || !isRoot ? 'may use' : 'is promised'} more`,
  })
  const milli = cpuQuota === 'max' ? Infinity : (cpuQuota * 1000) / cpuPeriod
  return [
    ...(cpu !== undefined && milli < cpu ? [held(`${milli}m CPU`)] : []),
    ...(memory !== undefined && memoryLimit !== 'max' && memoryLimit < memory
      ? [held(`${memoryLimit} bytes of memory`)]
      : []),
  ]
}
