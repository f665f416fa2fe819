import { type Pod } from '../../domain/pod.ts'
import { restartsAfterExit } from '../../domain/lifecycle/restart-policy.ts'
import { sizeOf } from '../../domain/resources/size.ts'
import { resizeState, type ResizeState } from '../../domain/resize/reporting/state.ts'
import { type CgroupReport, type ContainerReport } from '../cgroups/layered-value.ts'
import { type CgroupLook, type WholeMachine } from '../cgroups/cgroup-look.ts'
import { checkAncestors, type AncestorReport } from './check-ancestors.ts'
import { missingAncestors } from './missing-ancestors.ts'
import { type NodePicture } from '../cluster/cluster-facts.ts'
import { checkOomScores } from './check-oom-score.ts'
import { checkSoftMemory } from './check-soft-memory.ts'
import { withKnownIssue } from './known-issues.ts'
import { containersOf } from '../containers.ts'
import { findDrift } from './find-drift.ts'
import { isPassing, levelOf, type Finding } from '../findings/finding.ts'
import { enforcesCpuLimits } from '../cluster/kubelet-policies.ts'
import { heldSizes, podAsHeld } from '../held-size.ts'
import { containerReport, podCgroupReport } from './size-reports.ts'

export type PodVerdict =
  /** All layers that there are agree. */
  | 'verified'
  /** They do not, or the node says no. */
  | 'drift'
  /** It cannot be judged at this moment, and will be soon; look again. */
  | 'notNow'
  /** Nothing differs, but not all is as it might be: a resize waits, or something could not be seen. */
  | 'warnings'

/** The five layers of one pod side by side, and what is wrong with them. */
export interface PodReport {
  readonly namespace: string
  readonly name: string
  readonly uid?: string
  readonly node?: string
  readonly resize: ResizeState
  /** Where the cgroup values come from, or why there are none. */
  readonly source: string
  /** What there is to see where no pod has a cgroup. */
  readonly machine?: WholeMachine
  readonly containers: readonly ContainerReport[]
  readonly pod: CgroupReport
  /** The cgroups above the pod's, the next one first. */
  readonly ancestors: readonly Omit<AncestorReport, 'findings'>[]
  readonly findings: readonly Finding[]
  readonly verdict: PodVerdict
}

/** Names of the containers that have ended and do not start again. */
function endedForGood(pod: Pod): ReadonlySet<string> {
  const ended = containersOf(pod).filter(({ spec, status }) => {
    const exitCode = status?.state?.terminated?.exitCode
    return exitCode !== undefined && !restartsAfterExit(pod.spec, spec, exitCode)
  })
  return new Set(ended.map(({ spec }) => spec.name))
}

function verdictOf(findings: readonly Finding[], pod: Pod): PodVerdict {
  if (findings.length === 0) return 'verified'
  if (findings.some((finding) => levelOf(finding) === 'error')) return 'drift'
  const ended = endedForGood(pod)
  const passes = findings.some(
    (finding) => isPassing(finding) && !ended.has(finding.container ?? ''),
  )
  return passes ? 'notNow' : 'warnings'
}

/** The largest memory limit that a container has in the kernel, or will have when it starts. */
function mostMemory(asHeld: Pod, look: CgroupLook): number {
  const sights = look.kind === 'unseen' ? [] : Object.values(look.containers)
  const limits = [
    ...sights.map((sight) => (sight.kind === 'read' ? sight.reading.memoryLimit : undefined)),
    ...containersOf(asHeld).map(({ spec }) => sizeOf(spec.resources).memoryLimit),
  ]
  return Math.max(0, ...limits.filter((limit) => typeof limit === 'number'))
}

/**
 * The report about one pod, from one picture of it and its cgroups. Pure.
 *
 * @param node for the cgroups above the pod's, which depend on all of its pods.
 */
export function reportPod(pod: Pod, look: CgroupLook, node?: NodePicture): PodReport {
  const rules = { cpuLimits: enforcesCpuLimits(node?.kubelet) }
  const resize = resizeState(pod, undefined, rules)
  const held = heldSizes(pod, resize)
  const asHeld = podAsHeld(pod, held)
  const containers = containersOf(pod).map((container) =>
    containerReport(asHeld, container, look, node?.kubelet),
  )
  const podCgroup = podCgroupReport(pod, asHeld, look, node?.kubelet)
  const above = checkAncestors(asHeld, look, node)
  const findings = [
    ...findDrift({ pod, look, resize, held, containers, podCgroup, kubelet: node?.kubelet }),
    ...above.flatMap((one) => one.findings),
    ...missingAncestors(pod, look),
    // Between two sizes there is none to insist on.
    ...(held === 'inBetween' ? [] : checkSoftMemory(asHeld, look, node)),
    ...checkOomScores(pod, look, node),
  ].map((finding) => withKnownIssue(finding, { containerMemory: mostMemory(asHeld, look) }))
  const { namespace = 'default', name, uid } = pod.metadata
  const { nodeName } = pod.spec
  return {
    namespace,
    name,
    ...(uid === undefined ? {} : { uid }),
    ...(nodeName === undefined ? {} : { node: nodeName }),
    resize,
    source: look.kind === 'seen' ? look.source : look.why,
    ...(look.kind === 'unseen' && look.machine !== undefined ? { machine: look.machine } : {}),
    containers,
    pod: podCgroup,
    ancestors: above.map(({ path, checks }) => ({ path, checks })),
    findings,
    verdict: verdictOf(findings, pod),
  }
}
