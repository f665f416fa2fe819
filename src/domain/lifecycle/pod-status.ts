import type { PodStatus } from '../pod.ts'
import { timestamp } from '../timestamp.ts'
import { podConditions } from './pod-conditions.ts'
import type { PodFacts } from './pod-facts.ts'
import { podPhase } from './pod-phase.ts'

/** The whole status of a pod on this node, as a kubelet would report it. */
export function podStatus(facts: PodFacts): PodStatus {
  const phase = facts.failed === undefined ? phaseOf(facts) : 'Failed'
  const ips = facts.podIPs
  return {
    ...facts.previous,
    phase,
    ...facts.failed,
    ...(facts.generation === undefined ? {} : { observedGeneration: facts.generation }),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    ...(ips[0] === undefined ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
    startTime: facts.previous?.startTime ?? timestamp(facts.startTime),
    conditions: podConditions(facts, phase),
    containerStatuses: facts.containerStatuses,
    ...(facts.initContainerStatuses.length > 0
      ? { initContainerStatuses: facts.initContainerStatuses }
      : {}),
  }
}

/** A pod that has ended stays so, whatever becomes of what is left of it. */
function phaseOf(facts: PodFacts): string {
  const before = facts.previous?.phase
  return before === 'Succeeded' || before === 'Failed' ? before : podPhase(facts)
}
