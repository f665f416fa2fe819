import type { Pod, ResourceRequirements } from '../../domain/pod.ts'
import { type Forecast, forecastResize, roomFor } from '../../domain/resize/admission/forecast.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { resourcesOf, type Size, sizeOf } from '../../domain/resources/size.ts'
import type { CgroupLook } from '../cgroups/cgroup-look.ts'
import { type ExpectedFiles, expectedFiles } from '../cgroups/expected-files.ts'
import type { NodePicture, Unseen } from '../cluster/cluster-facts.ts'
import type { ApiRefusal } from '../cluster/pod-client.ts'
import { containerNamed } from '../containers.ts'
import { containersChanging, partText, resourcesAt, type PodPart } from '../pod-part.ts'
import type { SizeAnswer } from '../resize/patch-size.ts'
import type { PreparedResize } from '../resize/prepare-resize.ts'
import { lowersMemory } from '../resize/lowers-memory.ts'
import { largestRequests } from './largest-requests.ts'
import { nearestKeepingQos } from './nearest-size.ts'
import { type PlanWarning, planWarnings } from './plan-warnings.ts'
import { policyRemarks } from './policy-remarks.ts'
import { whyIgnored } from './why-ignored.ts'

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

/** What else is on the pod's node. */
export type Neighbourhood =
  | Unseen
  | {
      readonly kind: 'seen'
      readonly others: readonly Pod[]
      readonly on: NodePicture
    }

/** What of a resize is known before it is sent. */
export interface Picture {
  readonly prepared: PreparedResize
  /** Of a dry run. */
  readonly answer: SizeAnswer
  readonly around: Neighbourhood
  readonly look: CgroupLook
  readonly version: KubeVersion
  /** Bytes, where they can be read. */
  readonly inUse: number | undefined
  readonly looksForUse: boolean
}

/** What would come of the resize. Pure. */
export function forecastOf(picture: Picture): ResizeForecast {
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
    ...(inUse === undefined || !lowersMemory(prepared) ? {} : { workingSet: inUse }),
  })
}

function unseenUse({ prepared, inUse, looksForUse }: Picture): readonly string[] {
  const { change } = prepared
  if (!looksForUse || inUse !== undefined || !lowersMemory(prepared)) return []
  return [`how much memory ${partText(change.container)} uses, and whether it fits the lower limit`]
}
