import { type Pod } from '../../domain/pod.ts'
import { bytesQuantity, milliCpuQuantity } from '../../domain/quantity.ts'
import { podSize } from '../../domain/pod-resources.ts'
import { restartsAfterExit } from '../../domain/lifecycle/restart-policy.ts'
import { sizeOf, type Size } from '../../domain/resources.ts'
import { resizeState, type ResizeState } from '../../domain/resize/reporting/state.ts'
import { checkContainerCgroup, checkPodCgroup, type FileCheck } from '../cgroups/cgroup-checks.ts'
import {
  sizeValues,
  type CgroupReport,
  type ContainerReport,
  type LayeredValue,
  type SizeValue,
} from '../cgroups/layered-value.ts'
import { type CgroupLook, type CgroupSight, type WholeMachine } from '../cgroups/cgroup-look.ts'
import { checkAncestors, missingAncestors, type AncestorReport } from './check-ancestors.ts'
import { type NodePicture } from '../cluster/cluster-facts.ts'
import { checkOomScores } from './check-oom-score.ts'
import { checkSoftMemory } from './check-soft-memory.ts'
import { withKnownIssue } from './known-issues.ts'
import { containersOf, describeState, isRunning, type PodContainer } from '../containers.ts'
import { findingsOf } from './find-drift.ts'
import { isPassing, levelOf, type Finding } from './findings.ts'
import { enforcesCpuLimits, type KubeletSight } from '../cluster/kubelet-policies.ts'
import { heldSizes, podAsHeld } from '../held-size.ts'

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

/** A value of a size as Kubernetes prints it: `500m`, `256Mi`. */
export function formatSizeValue(size: Size, value: SizeValue): string | undefined {
  switch (value) {
    case 'cpuRequest':
    case 'cpuLimit': {
      const cpu = size[value]
      return cpu === undefined ? undefined : milliCpuQuantity(cpu)
    }
    case 'memoryRequest':
    case 'memoryLimit': {
      const memory = size[value]
      return memory === undefined ? undefined : bytesQuantity(memory)
    }
    default:
      return value satisfies never
  }
}

interface Layers {
  readonly desired: Size
  readonly allocated: Size
  readonly status: Size
  readonly checks: readonly FileCheck[]
}

function layeredValues({ desired, allocated, status, checks }: Layers): readonly LayeredValue[] {
  return sizeValues.map((value) => {
    const texts = {
      desired: formatSizeValue(desired, value),
      allocated: formatSizeValue(allocated, value),
      status: formatSizeValue(status, value),
    }
    return {
      value,
      ...Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== undefined)),
      files: checks.filter((check) => check.value === value),
    }
  })
}

function placeOf(sight: CgroupSight | undefined): Pick<CgroupReport, 'path' | 'foundBy'> {
  if (sight === undefined || !('path' in sight)) return {}
  const { path } = sight
  const foundBy = sight.kind === 'read' ? sight.foundBy : undefined
  return { path, ...(foundBy === undefined ? {} : { foundBy }) }
}

function containerReport(
  asHeld: Pod,
  container: PodContainer,
  look: CgroupLook,
  kubelet: KubeletSight | undefined,
): ContainerReport {
  const { spec, status } = container
  const sight = look.kind === 'seen' ? look.containers[spec.name] : undefined
  const checks =
    look.kind === 'seen' && sight?.kind === 'read' && isRunning(status)
      ? checkContainerCgroup(asHeld, spec.name, sight, look, kubelet)
      : []
  return {
    name: spec.name,
    running: isRunning(status),
    state: describeState(status),
    restartCount: status?.restartCount ?? 0,
    ...placeOf(sight),
    values: layeredValues({
      desired: sizeOf(spec.resources),
      allocated: sizeOf(
        status?.allocatedResources === undefined ? {} : { requests: status.allocatedResources },
      ),
      status: sizeOf(status?.resources),
      checks,
    }),
  }
}

function podCgroupReport(
  pod: Pod,
  asHeld: Pod,
  look: CgroupLook,
  kubelet: KubeletSight | undefined,
): CgroupReport {
  const sight = look.kind === 'seen' ? look.pod : undefined
  const checks =
    look.kind === 'seen' && sight?.kind === 'read'
      ? checkPodCgroup(asHeld, sight, look, kubelet)
      : []
  const { allocatedResources, resources } = pod.status ?? {}
  return {
    ...placeOf(sight),
    values: layeredValues({
      desired: podSize(pod.spec),
      allocated: sizeOf(allocatedResources === undefined ? {} : { requests: allocatedResources }),
      status: sizeOf(resources),
      checks,
    }),
  }
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
    ...findingsOf({ pod, look, resize, held, containers, podCgroup, kubelet: node?.kubelet }),
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
