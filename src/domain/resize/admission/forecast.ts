import type { ContainerStatus, Pod } from '../../pod.ts'
import { admitResize, type NodeFacts, type Shortage } from './admission.ts'
import { allocatedView } from './allocated-view.ts'
import type { KubeVersion } from '../../kube-version.ts'
import { exceedsNode } from './node-limit.ts'
import { amountsIn, nodeUsage } from './node-usage.ts'

/** Another pod of the node that holds some of what is short. */
export interface Holder {
  readonly namespace: string
  readonly name: string
  /** How much of the short resource it holds, as the node counts it: millicores for CPU, else whole units. */
  readonly holds: number
  /** Without this pod alone the resize would fit. */
  readonly enough: boolean
}

/** What would happen to a resize if it were asked for now. */
export type Forecast =
  | { readonly kind: 'accepted' }
  | {
      readonly kind: 'deferred'
      /** What the condition PodResizePending would say. */
      readonly message: string
      readonly shortages: readonly Shortage[]
      /** Those that would help most first: enough alone and smallest, then the largest. */
      readonly holders: readonly Holder[]
    }
  | { readonly kind: 'infeasible'; readonly message: string; readonly rule: string }

/** What a pod could ask for at most now, everything else of the node left as it is. */
export interface Room {
  /** Millicores that the pod as a whole may request. */
  readonly cpu: number
  /** Bytes that the pod as a whole may request. */
  readonly memory: number
}

export interface ForecastInput {
  /** As it is now. */
  readonly pod: Pod
  /** With the size that is asked for. */
  readonly wanted: Pod
  /** The other pods of the pod's node. */
  readonly others: readonly Pod[]
  readonly node: NodeFacts
  readonly version: KubeVersion
}

/**
 * The node's verdict on a resize before it is asked for: the same arithmetic as the
 * node's own admission, on what the API shows of it.
 */
export function forecastResize({ pod, wanted, others, node, version }: ForecastInput): Forecast {
  const placed = others.map(placedView)
  const tooLarge = exceedsNode(wanted.spec, node.allocatable)
  if (tooLarge !== undefined) {
    return { kind: 'infeasible', message: tooLarge, rule: 'NodeCapacity' }
  }
  const allocated = allocatedView(pod).spec
  const verdict = admitResize({ pod: wanted, allocated, others: placed, node, version })
  switch (verdict.kind) {
    case 'admitted':
      return { kind: 'accepted' }
    case 'infeasible':
      return { kind: 'infeasible', message: verdict.message, rule: verdict.detail }
    case 'deferred': {
      const { message, shortages } = verdict
      return { kind: 'deferred', message, shortages, holders: holdersOf(shortages, placed) }
    }
    default:
      return verdict satisfies never
  }
}

/** The room that the other pods leave on the node. Never less than 0. */
export function roomFor(others: readonly Pod[], node: NodeFacts): Room {
  const capacity = amountsIn(node.allocatable)
  const used = nodeUsage(others.map(placedView))
  const left = (resource: string): number =>
    Math.max(0, (capacity[resource] ?? 0) - (used[resource] ?? 0))
  return { cpu: left('cpu'), memory: left('memory') }
}

// A plan for many pods of one node looks at each of the others again for every one.
const views = new WeakMap<Pod, Pod>()

function placedView(pod: Pod): Pod {
  const known = views.get(pod)
  if (known !== undefined) return known
  const view = allocatedView(pod)
  views.set(pod, view)
  return view
}

/** Other pods that already have the size they are to get: the status of an older one is left out. */
export function asGranted(pod: Pod, wanted: Pod): Pod {
  const { status } = pod
  if (status === undefined) return { ...pod, spec: wanted.spec }
  const bare = (statuses: readonly ContainerStatus[]) =>
    statuses.map(({ allocatedResources: _allocated, resources: _actual, ...rest }) => rest)
  const {
    containerStatuses,
    initContainerStatuses,
    allocatedResources: _whole,
    resources: _actualWhole,
    ...rest
  } = status
  return {
    ...pod,
    spec: wanted.spec,
    status: {
      ...rest,
      ...(containerStatuses && { containerStatuses: bare(containerStatuses) }),
      ...(initContainerStatuses && { initContainerStatuses: bare(initContainerStatuses) }),
    },
  }
}

function holdersOf(shortages: readonly Shortage[], others: readonly Pod[]): readonly Holder[] {
  const [short] = shortages
  if (short === undefined) return []
  const missing = short.requested - (short.capacity - short.used)
  return others
    .map((pod) => {
      const holds = nodeUsage([pod])[short.resource] ?? 0
      const { namespace = 'default', name } = pod.metadata
      return { namespace, name, holds, enough: shortages.length === 1 && holds >= missing }
    })
    .filter(({ holds }) => holds > 0)
    .sort((a, b) => {
      if (a.enough !== b.enough) return a.enough ? -1 : 1
      return a.enough ? a.holds - b.holds : b.holds - a.holds
    })
}
