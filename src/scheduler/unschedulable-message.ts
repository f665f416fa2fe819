import type { Pod } from '../domain/pod.ts'
import { atLeast, type KubeVersion } from '../domain/kube-version.ts'
import type { Unfit } from './fit.ts'

/**
 * What the condition PodScheduled and the event FailedScheduling say, as kube-scheduler of
 * that version words it: `0/1 nodes are available: 1 Insufficient cpu. no new claims to
 * deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming
 * pod.` podfit's scheduler never preempts: there it finds no victims.
 */
export function unschedulableMessage(
  pod: Pod,
  nodes: readonly Unfit[],
  version: KubeVersion,
): string {
  if (nodes.length === 0) return 'no nodes available to schedule pods'
  const why = counted(nodes.flatMap(({ reasons }) => reasons))
  const claims = atLeast(version, '1.34') ? 'no new claims to deallocate, ' : ''
  const none = `0/${nodes.length} nodes are available:`
  return `${none} ${why}. ${claims}preemption: ${preemption(pod, nodes, none)}`
}

function preemption(pod: Pod, nodes: readonly Unfit[], none: string): string {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const outcomes = nodes.map(({ resolvable }) =>
    resolvable
      ? 'No preemption victims found for incoming pod'
      : 'Preemption is not helpful for scheduling',
  )
  return `${none} ${counted(outcomes)}.`
}

/** `1 Insufficient cpu, 2 Insufficient memory`, sorted as text. */
function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ')
}
