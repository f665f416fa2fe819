import { isSidecar, type PodCondition } from '../pod.ts'
import { isOver } from '../pod/is-over.ts'
import { inProgressType, pendingType } from '../resize/conditions.ts'
import { oomScoreType } from '../resize/reporting/oom-score-condition.ts'
import { timestamp } from '../timestamp.ts'
import type { PodFacts } from './pod-facts.ts'
import { isInitialized } from './pod-phase.ts'

/** The conditions that a kubelet sets, and those of others as they are. */
export function podConditions(facts: PodFacts, phase: string): readonly PodCondition[] {
  const unready = unreadyProblem(facts, phase)
  const own = [
    condition(facts, 'PodReadyToStartContainers', facts.sandboxReady ? undefined : {}),
    condition(facts, 'Initialized', uninitializedProblem(facts)),
    condition(facts, 'Ready', unready ?? closedGate(facts)),
    condition(facts, 'ContainersReady', unready),
  ]
  const mine = new Set([...own.map(({ type }) => type), pendingType, inProgressType, oomScoreType])
  // As the API has them now: whoever writes them need not be answered by an older copy.
  const others = facts.known ?? facts.previous?.conditions ?? []
  const foreign = others.filter(({ type }) => !mine.has(type))
  return [...own, ...foreign, ...(isOver({ phase }) ? [] : facts.resizeConditions)]
}

/** Why a condition is not True; undefined where it is. */
type Problem = { readonly reason?: string; readonly message?: string } | undefined

function unreadyProblem({ spec, ...statuses }: PodFacts, phase: string): Problem {
  if (phase === 'Succeeded') return { reason: 'PodCompleted' }
  if (phase === 'Failed') return { reason: 'PodFailed' }
  const sidecars = new Set((spec.initContainers ?? []).filter(isSidecar).map(({ name }) => name))
  const unready = [
    ...statuses.initContainerStatuses.filter(({ name }) => sidecars.has(name)),
    ...statuses.containerStatuses,
  ].filter(({ ready }) => !ready)
  if (unready.length === 0) return undefined
  const message = `containers with unready status: [${namesOf(unready)}]`
  return { reason: 'ContainersNotReady', message }
}

function uninitializedProblem({ spec, initContainerStatuses: statuses }: PodFacts): Problem {
  const incomplete = (spec.initContainers ?? []).filter(
    (one) => !isInitialized({ ...spec, initContainers: [one] }, statuses),
  )
  if (incomplete.length === 0) return undefined
  const message = `containers with incomplete status: [${namesOf(incomplete)}]`
  return { reason: 'ContainersNotInitialized', message }
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(' ')
}

/** A condition that the pod waits for beside its containers, set by somebody else. */
function closedGate({ spec, known }: PodFacts): { reason: string; message: string } | undefined {
  const messages = (spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = known?.find(({ type }) => type === conditionType)
    if (found?.status === 'True') return []
    const gate = `pod readiness gate "${conditionType}"`
    return found === undefined
      ? [`corresponding condition of ${gate} does not exist.`]
      : [`the status of ${gate} is not "True", but ${found.status}`]
  })
  if (messages.length === 0) return undefined
  return { reason: 'ReadinessGatesNotReady', message: messages.join(', ') }
}

/** True without `problem`, else False for its reason; lastTransitionTime moves with the status only. */
function condition(facts: PodFacts, type: string, problem: Problem): PodCondition {
  const status = problem === undefined ? 'True' : 'False'
  const before = facts.previous?.conditions?.find((one) => one.type === type)
  const unchanged = before?.status === status
  return {
    type,
    status,
    ...problem,
    lastProbeTime: null,
    lastTransitionTime: (unchanged ? before.lastTransitionTime : undefined) ?? timestamp(facts.now),
    ...(facts.generation === undefined ? {} : { observedGeneration: facts.generation }),
  }
}
