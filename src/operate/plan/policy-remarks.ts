import type { Pod } from '../../domain/pod.ts'
import { allocatedView } from '../../domain/resize/admission/allocated-view.ts'
import {
  infeasibleReason,
  type InfeasibleDetail,
} from '../../domain/resize/admission/infeasible.ts'
import type { KubeVersion } from '../../domain/kube-version.ts'
import { abilitiesOf, strictest, type KubeletSight } from '../cluster/kubelet-policies.ts'
import type { PlanWarning } from './plan-warnings.ts'

export interface PolicyQuestion {
  /** As it is now. */
  readonly pod: Pod
  /** With the size that is asked for. */
  readonly wanted: Pod
  readonly node: string
  readonly kubelet: KubeletSight
  readonly version: KubeVersion
}

/** What is to be said about a resize because of how its node is configured. */
export interface PolicyRemarks {
  readonly warnings: readonly PlanWarning[]
  /** The node does not tell its policies, and they matter to this resize. */
  readonly unseen: readonly string[]
}

const policies: Partial<
  Record<InfeasibleDetail, { readonly code: 'PL106' | 'PL107'; readonly policy: string }>
> = {
  guaranteed_pod_cpu_manager_static_policy: { code: 'PL106', policy: 'cpuManagerPolicy static' },
  guaranteed_pod_memory_manager_static_policy: {
    code: 'PL106',
    policy: 'memoryManagerPolicy Static',
  },
  swap_limitation: { code: 'PL107', policy: 'swapBehavior LimitedSwap' },
}

/** The policy of its kubelet that forbids the resize; where it tells none, the one that would. */
export function policyRemarks(question: PolicyQuestion): PolicyRemarks {
  const { pod, wanted, node, kubelet, version } = question
  const known = !('why' in kubelet)
  const reason = infeasibleReason({
    pod: wanted,
    allocated: allocatedView(pod).spec,
    node: known ? abilitiesOf(kubelet) : strictest,
    version,
  })
  const forbids = reason && policies[reason.detail]
  if (forbids === undefined) return { warnings: [], unseen: [] }
  const { code, policy } = forbids
  if (known) {
    const message = `node ${node} has ${policy}: it does not carry out this resize`
    return { warnings: [{ code, message }], unseen: [] }
  }
  const why = `the policies of node ${node} are not known (${kubelet.why}): with ${policy} it never carries out this resize (${code})`
  return { warnings: [], unseen: [why] }
}
