import type { Pod, ResourceRequirements } from '../../domain/pod.ts'
import {
  asGranted,
  type Forecast,
  forecastResize,
  roomFor,
} from '../../domain/resize/admission/forecast.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { resourcesOf, sizeOf, type Size } from '../../domain/resources.ts'
import type { CgroupLook, CgroupSource } from '../cgroups/cgroup-look.ts'
import {
  askedOnce,
  nodeOf,
  type ClusterFacts,
  type NodePicture,
  type NodeSight,
  type Unseen,
} from '../cluster/cluster-facts.ts'
import { containerNamed } from '../containers.ts'
import { expectedFiles, type ExpectedFiles } from '../cgroups/expected-files.ts'
import { inParallel } from '../in-parallel.ts'
import { nearestKeepingQos } from './nearest-size.ts'
import { largestRequests } from './largest-requests.ts'
import { planWarnings, type PlanWarning } from './plan-warnings.ts'
import type { ApiRefusal, PatchAnswer, PodClient, PodRef } from '../cluster/pod-client.ts'
import { whyIgnored } from './why-ignored.ts'
import { containersChanging, partText, resourcesAt, type PodPart } from '../pod-part.ts'
import { policyRemarks } from './policy-remarks.ts'
import type { PodUse, PodUses } from '../cluster/usage.ts'
import { lowersMemory, type PreparedResize } from '../resize/prepare-resize.ts'

export type PlanVerdict =
  | 'accepted'
  /** The API server takes it; the room on the node could not be judged. */
  | 'unjudged'
  | 'deferred'
  | 'infeasible'
  | 'rejected'
  | 'gone'

/** What would happen to one resize. Nothing was changed to find out. */
export interface ResizeForecast {
  readonly verdict: PlanVerdict
  /** The API server's own no, from a dry run on it. */
  readonly refusal?: ApiRefusal
  /** Why the API server takes the request and changes nothing. */
  readonly ignored?: string
  readonly forecast?: Forecast
  /** The largest requests that it could have now, everything else left as it is. */
  readonly largest?: { readonly cpu: number; readonly memory: number }
  /** The size as the API server answers it, with the defaults it fills in. */
  readonly after?: ResourceRequirements
  /** What the cgroup files will say when it is done. */
  readonly files: ExpectedFiles
  /**
   * Set when the wanted size would change the QoS class: the nearest size that keeps it;
   * empty for a BestEffort pod, which keeps its class only without any.
   */
  readonly keepsQos?: Size
  readonly warnings: readonly PlanWarning[]
  /** What could not be looked at, and so is not part of the verdict. */
  readonly unseen: readonly string[]
}

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
  const [version, uses, pictures] = await Promise.all([
    facts.version(signal),
    usesOfShrinking(ports, members, signal),
    inParallel(members, dryRunsAtOnce, async ({ ref, prepared }) => {
      const [answer, sight, look] = await Promise.all([
        dryRun(ports.client, ref, prepared, signal),
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
  const shrinking = members.filter(({ prepared }) => lowersMemory(prepared.change))
  return uses?.now(
    shrinking.map(({ prepared }) => prepared.read),
    signal,
  )
}

type DryRunAnswer = Exclude<PatchAnswer, { readonly kind: 'noSubresource' }>

type Neighbourhood =
  | Unseen
  | {
      readonly kind: 'seen'
      readonly others: readonly Pod[]
      readonly on: NodePicture
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

interface Picture {
  readonly prepared: PreparedResize
  readonly answer: DryRunAnswer
  readonly around: Neighbourhood
  readonly look: CgroupLook
  readonly version: KubeVersion
  /** Bytes, where they can be read. */
  readonly inUse: number | undefined
  readonly looksForUse: boolean
}

function forecastOf(picture: Picture): ResizeForecast {
  const { prepared, answer, around, look, version } = picture
  const { read: pod, change } = prepared
  const wanted = answer.kind === 'pod' ? answer.pod : prepared.wanted
  const kubelet = around.kind === 'seen' ? around.on.kubelet : undefined
  const base = {
    ...(answer.kind === 'pod' ? { after: sizeIn(answer.pod, change.container) } : {}),
    files: expectedFiles({ pod, wanted, part: change.container, look, kubelet }),
    warnings: warningsFor(picture),
    unseen: [...(around.kind === 'unseen' ? [around.why] : []), ...unseenUse(picture)],
    ...(around.kind === 'seen'
      ? {
          largest: largestRequests(pod, change.container, roomFor(around.others, around.on.node)),
        }
      : {}),
  }
  if (answer.kind === 'missing') return { ...base, verdict: 'gone' }
  if (answer.kind === 'refused') {
    const keepsQos = nearestKeepingQos(pod, change.container, change)
    const nearest = keepsQos === undefined ? {} : { keepsQos }
    return { ...base, ...nearest, verdict: 'rejected', refusal: answer.refusal }
  }
  const ignored = whyIgnored(prepared, answer.pod, version)
  if (ignored !== undefined) return { ...base, verdict: 'rejected', ignored }
  if (around.kind === 'unseen') return { ...base, verdict: 'unjudged' }
  const { others, on } = around
  const rules = on.version ?? version
  const forecast = forecastResize({ pod, wanted, others, node: on.node, version: rules })
  const remarks = policyRemarks({
    pod,
    wanted,
    node: on.name,
    kubelet: on.kubelet,
    version: rules,
  })
  return {
    ...base,
    warnings: [...base.warnings, ...remarks.warnings],
    unseen: [...base.unseen, ...remarks.unseen],
    verdict: forecast.kind,
    forecast,
  }
}

function sizeIn(pod: Pod, part: PodPart): ResourceRequirements {
  return resourcesOf(sizeOf(resourcesAt(pod, part)))
}

/** Servers before 1.32 take the change on the pod itself. */
async function dryRun(
  client: PodClient,
  ref: PodRef,
  { patch }: PreparedResize,
  signal: AbortSignal,
): Promise<DryRunAnswer> {
  const first = await client.patch(ref, patch, { subresource: 'resize', dryRun: true }, signal)
  if (first.kind !== 'noSubresource') return first
  const second = await client.patch(ref, patch, { subresource: undefined, dryRun: true }, signal)
  return second.kind === 'noSubresource' ? ({ kind: 'missing' } as const) : second
}

function warningsFor({ prepared, inUse }: Picture): readonly PlanWarning[] {
  const { read: pod, wanted, change } = prepared
  const { before, after, container: part } = change
  const names = part === undefined ? containersChanging(pod, wanted) : [part]
  return planWarnings({
    pod,
    part,
    containers: names.flatMap((name) => containerNamed(pod, name)?.spec ?? []),
    before,
    after,
    ...(inUse === undefined ? {} : { workingSet: inUse }),
  })
}

function unseenUse({ prepared, inUse, looksForUse }: Picture): readonly string[] {
  const { change } = prepared
  if (!looksForUse || inUse !== undefined || !lowersMemory(change)) return []
  return [`how much memory ${partText(change.container)} uses, and whether it fits the lower limit`]
}

/** Bytes; of the pod itself what its containers use together. */
function memoryIn(use: PodUse | undefined, part: PodPart): number | undefined {
  if (part !== undefined) return use?.uses.get(part)?.memory
  return use?.uses.values().reduce((sum, { memory }) => sum + memory, 0)
}
