import type { Pod, PodSpec, ResourceList } from '../../pod.ts'
import { infeasibleReason, type NodeAbilities, type InfeasibleDetail } from './infeasible.ts'
import { defaultVersion, type KubeVersion } from '../../kube-version.ts'
import { amountsIn, amountsOf, nodeUsage, type Amounts } from './node-usage.ts'

/** What a node has, and what it can do. */
export interface NodeFacts extends NodeAbilities {
  /** `status.allocatable` of the node: after everything reserved, eviction thresholds too. */
  readonly allocatable: ResourceList
}

/** One resource of which the node has too little: millicores for CPU, else whole units. */
export interface Shortage {
  readonly resource: string
  readonly requested: number
  readonly used: number
  readonly capacity: number
}

export type NodeFit =
  | { readonly kind: 'fits' }
  | {
      readonly kind: 'short'
      /** Such as `OutOfcpu`: the reason of a pod that is rejected for it. */
      readonly rawReason: string
      readonly message: string
      /** At least one; the first is the one in the message. */
      readonly shortages: readonly Shortage[]
    }

export type ResizeAdmission =
  | { readonly kind: 'admitted' }
  | {
      readonly kind: 'deferred'
      readonly rawReason: string
      readonly message: string
      readonly shortages: readonly Shortage[]
    }
  | {
      readonly kind: 'infeasible'
      readonly message: string
      /** Label value of `kubelet_pod_infeasible_resizes_total`. */
      readonly detail: InfeasibleDetail
    }

export interface ResizeAdmissionInput {
  /** With the desired spec. */
  readonly pod: Pod
  /** The spec with the resources that the node has given the pod so far. */
  readonly allocated: PodSpec
  /** The other pods of the node: their specs with the allocated resources, and their status. */
  readonly others: readonly Pod[]
  readonly node: NodeFacts
  readonly version?: KubeVersion
}

/**
 * Whether the node accepts the pod's desired size: now, later, or never.
 *
 * @see kubelet's allocation manager, canResizePod, and lifecycle/predicate.go.
 */
export function admitResize(input: ResizeAdmissionInput): ResizeAdmission {
  const { pod, others, node, version = defaultVersion } = input
  const infeasible = infeasibleReason({ ...input, version })
  if (infeasible) return { kind: 'infeasible', ...infeasible }
  const fit = fitsNode(pod, others, node)
  if (fit.kind === 'fits') return { kind: 'admitted' }
  const { rawReason, message, shortages } = fit
  return { kind: 'deferred', rawReason, message, shortages }
}

/**
 * Whether the pod fits beside `others` by what it requests, as the scheduler and the
 * kubelet decide it for new pods and for resizes.
 *
 * @param others without the pod itself, whatever it holds at present.
 */
export function fitsNode(
  pod: Pod,
  others: readonly Pod[],
  node: Pick<NodeFacts, 'allocatable'>,
): NodeFit {
  const shortages = shortagesOf(amountsOf(pod.spec), nodeUsage(others), amountsIn(node.allocatable))
  const [first] = shortages
  if (!first) return { kind: 'fits' }
  const { resource, requested, used, capacity } = first
  const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return { kind: 'short', rawReason: `OutOf${resource}`, message, shortages }
}

const firstChecked = ['cpu', 'memory', 'ephemeral-storage']

function shortagesOf(requested: Amounts, used: Amounts, capacity: Amounts): readonly Shortage[] {
  const scalars = Object.keys(requested).filter((name) => !firstChecked.includes(name))
  const wanted = [
    { resource: 'pods', requested: 1 },
    ...[...firstChecked, ...scalars.sort()].map((resource) => ({
      resource,
      requested: requested[resource] ?? 0,
    })),
  ]
  return wanted
    .map((want) => ({
      ...want,
      used: used[want.resource] ?? 0,
      capacity: capacity[want.resource] ?? 0,
    }))
    .filter(({ requested, used, capacity }) => requested > 0 && requested > capacity - used)
}
