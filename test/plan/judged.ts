import type { Pod, ResourceList } from '../../src/domain/pod.ts'
import { allocatedView } from '../../src/domain/resize/admission/allocated-view.ts'
import { exceedsNode } from '../../src/domain/resize/admission/node-limit.ts'
import { amountsOf, nodeUsage } from '../../src/domain/resize/admission/node-usage.ts'
import { resizeState } from '../../src/domain/resize/reporting/state.ts'
import type { PodClient } from '../../src/operate/cluster/pod-client.ts'
import { waitUntil } from '../support/wait-until.ts'

export type Happened = 'accepted' | 'deferred' | 'infeasible'

/**
 * What the node has decided about the pod's spec, if its word is about this spec and about
 * the other pods as they are now: a condition from before stays until the node looks again,
 * and up to 1.33 nothing in it says which request it is about. Its numbers do, and that
 * what is larger than the node cannot wait for room.
 */
function judgementOf(
  pod: Pod,
  all: readonly Pod[],
  allocatable: ResourceList,
): Happened | undefined {
  if (pod.status?.containerStatuses?.[0]?.state?.running === undefined) return undefined
  const state = resizeState(pod)
  if (state.kind === 'settled') return 'accepted'
  if (state.kind !== 'deferred' && state.kind !== 'infeasible') return undefined
  const told = /: (\w+), requested: (\d+)(?:, used: (\d+))?/.exec(state.message)
  if (told === null) throw new Error(`No numbers in what the node says: ${state.message}`)
  const [, resource = '', requested, used] = told
  if (Number(requested) !== amountsOf(pod.spec)[resource]) return undefined
  const tooLarge = exceedsNode(pod.spec, allocatable) !== undefined
  if (tooLarge !== (state.kind === 'infeasible')) return undefined
  const others = all.filter(({ metadata }) => metadata.uid !== pod.metadata.uid)
  const held = nodeUsage(others.map(allocatedView))[resource] ?? 0
  return used === undefined || Number(used) === held ? state.kind : undefined
}

/** Waits until the node has decided about every pod, and gives its word about each by name. */
export async function untilJudged(
  client: PodClient,
  allocatable: ResourceList,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Happened>> {
  const look = async () => {
    const all = await client.list({ namespace: 'default' }, signal)
    return all.map((pod) => ({ pod, judgement: judgementOf(pod, all, allocatable) }))
  }
  const all = await waitUntil(
    'the node to come to rest',
    look,
    (pods) => pods.every(({ judgement }) => judgement !== undefined),
    { withinMs: 30_000 },
  )
  return new Map(all.map(({ pod, judgement }) => [pod.metadata.name, judgement as Happened]))
}
