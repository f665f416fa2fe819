import type { Pod } from '../../domain/pod.ts'
import { asGranted } from '../../domain/resize/admission/forecast.ts'
import { allInOrder } from '../all-in-order.ts'
import type { CgroupSource } from '../cgroups/cgroup-look.ts'
import { askedOnce, nodeOf, type ClusterFacts, type NodeSight } from '../cluster/cluster-facts.ts'
import type { PodClient, PodRef } from '../cluster/pod-client.ts'
import type { PodUse, PodUses } from '../cluster/usage.ts'
import { inParallel } from '../in-parallel.ts'
import type { PodPart } from '../pod-part.ts'
import { patchSize } from '../resize/patch-size.ts'
import type { PreparedResize } from '../resize/prepare-resize.ts'
import { lowersMemory } from '../resize/lowers-memory.ts'
import { forecastOf, type Neighbourhood, type ResizeForecast } from './resize-forecast.ts'

export interface PlanPorts {
  readonly client: PodClient
  readonly facts: ClusterFacts
  readonly cgroups: CgroupSource
  /** With it a shrink below what is in use is warned of. */
  readonly uses?: PodUses
}

/** One resize of a group, ready to be sent. */
export interface GroupMember {
  readonly ref: PodRef
  readonly prepared: PreparedResize
}

/** Dry runs that are under way at once. */
const dryRunsAtOnce = 16

/**
 * The verdicts on several resizes, in the order in which they would be sent: each counts
 * with what those before it take or give back on the same node. The server is asked by dry
 * runs; what the nodes would answer is worked out.
 */
export async function planResizes(
  ports: PlanPorts,
  members: readonly GroupMember[],
  signal: AbortSignal,
): Promise<readonly ResizeForecast[]> {
  const facts = askedOnce(ports.facts)
  const [version, uses, pictures] = await allInOrder([
    facts.version(signal),
    usesOfShrinking(ports, members, signal),
    inParallel(members, dryRunsAtOnce, async ({ ref, prepared }) => {
      const [answer, sight, look] = await allInOrder([
        patchSize(ports.client, ref, prepared, { dryRun: true }, signal),
        nodeOf(facts, prepared.read, signal),
        ports.cgroups.look(prepared.read, signal),
      ])
      return { prepared, answer, sight, look }
    }),
  ])
  const granted = new Map<string, Pod>()
  return pictures.map(({ prepared, answer, sight, look }) => {
    const inUse = memoryIn(uses?.get(prepared.read), prepared.change.container)
    const uid = prepared.read.metadata.uid ?? ''
    const around = neighbourhood(sight, uid, granted)
    const picture = { prepared, answer, around, look, version, inUse }
    const forecast = forecastOf({ ...picture, looksForUse: uses !== undefined })
    if (forecast.verdict === 'accepted' && answer.kind === 'pod') {
      granted.set(uid, asGranted(prepared.read, answer.pod))
    }
    return forecast
  })
}

/** What those use whose memory limit goes down; undefined where nothing tells. */
async function usesOfShrinking(
  { uses }: PlanPorts,
  members: readonly GroupMember[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Pod, PodUse> | undefined> {
  const shrinking = members.filter(({ prepared }) => lowersMemory(prepared))
  return uses?.now(
    shrinking.map(({ prepared }) => prepared.read),
    signal,
  )
}

function neighbourhood(
  sight: NodeSight,
  uid: string,
  granted: ReadonlyMap<string, Pod>,
): Neighbourhood {
  if (sight.kind === 'unseen') return sight
  const others = sight.seen.pods
    .filter(({ metadata }) => metadata.uid !== uid)
    .map((pod) => granted.get(pod.metadata.uid ?? '') ?? pod)
  return { kind: 'seen', others, on: sight.seen }
}

/** Bytes; of the pod itself what its containers use together. */
function memoryIn(use: PodUse | undefined, part: PodPart): number | undefined {
  if (part !== undefined) return use?.uses.get(part)?.memory
  return use?.uses.values().reduce((sum, { memory }) => sum + memory, 0)
}
