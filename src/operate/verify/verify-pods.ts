import { type CgroupSource } from '../cgroups/cgroup-look.ts'
import { nodeOf, type ClusterFacts } from '../cluster/cluster-facts.ts'
import { type Clock } from '../clock.ts'
import { type Pod } from '../../domain/pod.ts'
import { findingAges, type FindingAges } from './finding-ages.ts'
import { inParallel } from '../in-parallel.ts'
import { type PodClient, type ReadAnswer } from '../cluster/pod-client.ts'
import { reportPod, type PodReport } from './pod-report.ts'

export interface VerifyPorts {
  readonly client: Pick<PodClient, 'read'>
  readonly cgroups: CgroupSource
  readonly clock: Clock
  /** With it the cgroups above the pods' are verified, too. */
  readonly facts?: ClusterFacts
}

export interface VerifyOptions {
  /** How long to look again at what is not settled, in milliseconds. @default 5000 */
  readonly timeoutMs?: number
  /** Since when errors are seen, where more looks come after this one. */
  readonly ages?: FindingAges
  /** How many pods are looked at at once. @default 16 */
  readonly atOnce?: number
}

/** For `verify` without `--timeout`: longer than any status is late. */
export const usualTimeoutMs = 5000

/** Between looks at what is not settled: at first, and at most. */
const betweenLooksMs = { first: 150, most: 1000 }

/** One pod on its way to a report that can be believed. */
interface Watched {
  readonly pod: Pod
  /** By container, at the first look. */
  readonly restarts: ReadonlyMap<string, number>
  readonly report: PodReport
  readonly open: boolean
}

/**
 * The report about each pod, in their order; none of a pod that is gone in the meantime.
 *
 * A pod and its cgroups cannot be read in one instant: a resize, a crash or a restart in
 * between would look like drift. So whatever is not settled is looked at again, with the pod
 * read anew, until it is, until its errors have stood for long enough, or until the time is
 * over. What may still be the API being late is then `notNow`, not drift.
 *
 * @param pods as they were just read, for the first look.
 * @throws the reason of `signal`, and what the client throws.
 */
export async function verifyPods(
  ports: VerifyPorts,
  pods: readonly Pod[],
  signal: AbortSignal,
  options: VerifyOptions = {},
): Promise<readonly PodReport[]> {
  const { clock } = ports
  const { timeoutMs = usualTimeoutMs, ages = findingAges(), atOnce = 16 } = options
  const deadline = clock.now() + timeoutMs
  const look = (pod: Pod, before?: Watched) => lookAt(ports, ages, pod, signal, before)
  let watched: readonly (Watched | undefined)[] = await inParallel(pods, atOnce, (pod) => look(pod))
  let pause = betweenLooksMs.first
  while (watched.some((one) => one?.open === true) && clock.now() < deadline) {
    await clock.sleep(Math.min(pause, deadline - clock.now()), signal)
    signal.throwIfAborted()
    pause = Math.min(pause * 1.5, betweenLooksMs.most)
    watched = await inParallel(watched, atOnce, async (one) => {
      if (one?.open !== true) return one
      const answer = await readAgain(ports, one.pod, signal)
      return answer.kind === 'missing' ? undefined : look(answer.pod, one)
    })
  }
  return watched.flatMap((one) => (one === undefined ? [] : [one.report]))
}

function readAgain(
  { client }: VerifyPorts,
  { metadata }: Pod,
  signal: AbortSignal,
): Promise<ReadAnswer> {
  return client.read({ namespace: metadata.namespace ?? 'default', name: metadata.name }, signal)
}

async function lookAt(
  { cgroups, clock, facts }: VerifyPorts,
  ages: FindingAges,
  pod: Pod,
  signal: AbortSignal,
  before: Watched | undefined,
): Promise<Watched> {
  const node = facts && (await nodeOf(facts, pod, signal))
  const picture = node?.kind === 'seen' ? node.seen : undefined
  const report = reportPod(pod, await cgroups.look(pod, signal, { deep: true }), picture)
  const same = before !== undefined && before.report.uid === report.uid
  const restarts = same ? before.restarts : restartsOf(report)
  const standing = ages.standing(report, clock.now())
  return {
    pod,
    restarts,
    report: {
      ...report,
      containers: report.containers.map((container) => ({
        ...container,
        restartCountBefore: restarts.get(container.name) ?? 0,
      })),
      verdict: standing === 'lagging' ? 'notNow' : report.verdict,
    },
    open: standing === 'open' || standing === 'lagging',
  }
}

function restartsOf({ containers }: PodReport): ReadonlyMap<string, number> {
  return new Map(containers.map(({ name, restartCount }) => [name, restartCount]))
}
