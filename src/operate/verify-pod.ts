import { type CgroupSource } from './cgroup-look.ts'
import { nodeOf, type ClusterFacts } from './cluster-facts.ts'
import { type Clock } from './clock.ts'
import { type Pod } from '../domain/pod.ts'
import { type PodClient, type PodRef, type ReadAnswer } from './pod-client.ts'
import { reportPod, type PodReport } from './pod-report.ts'

export type VerifyAnswer =
  | { readonly kind: 'report'; readonly report: PodReport }
  | { readonly kind: 'missing' }

export interface VerifyPorts {
  readonly client: Pick<PodClient, 'read'>
  readonly cgroups: CgroupSource
  readonly clock: Clock
  /** With it the cgroups above the pod's are verified, too. */
  readonly facts?: ClusterFacts
}

/** Drift is only called drift when it is still there after this many looks. */
const mostLooks = 3
const betweenLooksMs = 150

/**
 * The report about one pod. The pod and its cgroups cannot be read in one instant: a
 * resize or a restart in between would look like drift. So drift is looked at again,
 * with the pod read anew, before it is believed.
 *
 * @param first the pod as it was just read, for the first look.
 */
export async function verifyPod(
  { client, cgroups, clock, facts }: VerifyPorts,
  ref: PodRef,
  signal: AbortSignal,
  first?: Pod,
): Promise<VerifyAnswer> {
  for (let looks = 1; ; looks += 1) {
    const known = looks === 1 ? first : undefined
    const answer: ReadAnswer =
      known === undefined ? await client.read(ref, signal) : { kind: 'pod', pod: known }
    if (answer.kind === 'missing') return answer
    const node = facts && (await nodeOf(facts, answer.pod, signal))
    const picture = node?.kind === 'seen' ? node.seen : undefined
    const report = reportPod(answer.pod, await cgroups.look(answer.pod, signal), picture)
    if (report.verdict !== 'drift' || looks === mostLooks) return { kind: 'report', report }
    await clock.sleep(betweenLooksMs, signal)
    signal.throwIfAborted()
  }
}
