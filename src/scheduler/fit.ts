import { takenPort } from '../domain/host-ports.ts'
import type { Pod } from '../domain/pod.ts'
import { fitsNode } from '../domain/resize/admission/admission.ts'
import { atLeast, type KubeVersion } from '../domain/kube-version.ts'
import { wantsNode } from './node-affinity.ts'
import type { NodeRoom, Taint } from './node-room.ts'
import { tolerates, untoleratedTaint } from './tolerations.ts'

/** Why a pod cannot be placed on a node. */
export interface Unfit {
  /** In the scheduler's words. */
  readonly reasons: readonly string[]
  /** Whether it could be placed if other pods went away. */
  readonly resolvable: boolean
}

const cordon: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/**
 * Undefined if the pod can be placed on the node beside `others`. Only the first of the
 * questions that the node fails is told, as the scheduler's filters do: cordoned, taints,
 * affinity, ports, room.
 */
export function unfitFor(
  pod: Pod,
  others: readonly Pod[],
  node: NodeRoom,
  version: KubeVersion,
): Unfit | undefined {
  const { spec } = pod
  if (node.unschedulable && !tolerates(spec, cordon)) return never('node(s) were unschedulable')
  const taint = untoleratedTaint(spec, node.taints)
  if (taint !== undefined) return never(taintReason(taint, version))
  if (!wantsNode(spec, node)) return never("node(s) didn't match Pod's node affinity/selector")
  if (takenPort(pod, others) !== undefined) {
    const reason = "node(s) didn't have free ports for the requested pod ports"
    return { reasons: [reason], resolvable: true }
  }
  return lackOfRoom(pod, others, node)
}

/** Not as long as the pod and the node stay as they are. */
function never(reason: string): Unfit {
  return { reasons: [reason], resolvable: false }
}

function taintReason({ key, value = '' }: Taint, version: KubeVersion): string {
  if (atLeast(version, '1.35')) return 'node(s) had untolerated taint(s)'
  return `node(s) had untolerated taint {${key}: ${value}}`
}

/**
 * The other pods count with the most of what they want, were promised and have; so a
 * Deferred resize holds the room that it waits for.
 */
function lackOfRoom(pod: Pod, others: readonly Pod[], node: NodeRoom): Unfit | undefined {
  const fit = fitsNode(pod, others, node)
  if (fit.kind === 'fits') return undefined
  return {
    reasons: fit.shortages.map(({ resource }) =>
      resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`,
    ),
    resolvable: fit.shortages.every(({ requested, capacity }) => requested <= capacity),
  }
}
