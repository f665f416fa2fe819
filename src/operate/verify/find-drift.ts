import { type Pod } from '../../domain/pod.ts'
import {
  unreportedContainers,
  unsettledContainers,
  type ResizeState,
} from '../../domain/resize/reporting/state.ts'
import { type FileCheck } from '../cgroups/cgroup-checks.ts'
import { type CgroupLook, type CgroupSight } from '../cgroups/cgroup-look.ts'
import { containerNamed, containersOf, isRunning, staysRunning } from '../containers.ts'
import { type Finding, type FindingCode } from './findings.ts'
import { type HeldSizes } from '../held-size.ts'
import { enforcesCpuLimits, toldBy, type KubeletSight } from '../cluster/kubelet-policies.ts'
import { noLimitIsQuota } from '../cgroups/no-quotas.ts'
import { nodeReason } from '../node-reason.ts'
import {
  type CgroupReport,
  type ContainerReport,
  type LayeredValue,
} from '../cgroups/layered-value.ts'

export interface DriftQuestion {
  readonly pod: Pod
  readonly look: CgroupLook
  readonly resize: ResizeState
  readonly held: HeldSizes
  /** How the node's kubelet is configured, where that is known. */
  readonly kubelet?: KubeletSight | undefined
  readonly containers: readonly ContainerReport[]
  readonly podCgroup: CgroupReport
}

function resizeFindings({ resize, held }: DriftQuestion): readonly Finding[] {
  switch (resize.kind) {
    case 'settled':
      return []
    case 'deferred':
      return [{ code: 'RS101', message: nodeReason(resize) }]
    case 'infeasible':
      return [{ code: 'RS102', message: nodeReason(resize) }]
    case 'failed':
      return [{ code: 'RS103', message: resize.message }]
    case 'inProgress':
      return held === 'desired' ? [] : [{ code: 'RS104', message: 'The node is at work on it' }]
    case 'notYetObserved':
      return [{ code: 'RS108', message: 'The node has not looked at the newest change' }]
    default:
      return resize satisfies never
  }
}

function notRunningFindings({ pod }: DriftQuestion): readonly Finding[] {
  return containersOf(pod)
    .filter((container) => staysRunning(container) && !isRunning(container.status))
    .map(({ spec, status }) => {
      const { state } =
        status === undefined ? { state: undefined } : { state: status.state?.waiting?.reason }
      const why = state === undefined ? '' : ` (${state})`
      const message = `Container ${spec.name} is not running${why}`
      return { code: 'RS107', container: spec.name, message }
    })
}

function differs({ desired, allocated }: LayeredValue): boolean {
  return desired !== undefined && allocated !== undefined && desired !== allocated
}

/** A node that is silent about sizes is taken at the spec's word, which has to be said. */
function unreportedFindings({ pod }: DriftQuestion): readonly Finding[] {
  return unreportedContainers(pod).map((container) => {
    const message = `The status of container ${container} has no size: the kernel is held to the desired one`
    return { code: 'RS109', container, message }
  })
}

/** What the node grants and reports, of a pod that should be settled. */
function statusFindings({ pod, held, containers, kubelet }: DriftQuestion): readonly Finding[] {
  if (held !== 'desired') return []
  const cpuLimits = enforcesCpuLimits(kubelet)
  const unsettled = unsettledContainers(pod, { cpuLimits })
  return containers
    .filter(({ running }) => running)
    .flatMap(({ name, values }) => {
      const granted = values.filter(differs).map((value): Finding => ({
        code: 'RS105',
        container: name,
        message: `Container ${name} asks for ${value.desired}, granted is ${value.allocated}`,
      }))
      // A status that follows a changed cgroup file is the same finding once more.
      const inKernel = values.some(({ files }) => files.some(({ ok }) => !ok))
      if (granted.length > 0 || inKernel || !unsettled.includes(name)) return granted
      const shown = values
        .filter(({ desired, status }) => desired !== undefined && desired !== status)
        .map(({ desired, status = 'nothing' }) => `${status} instead of ${desired}`)
      const message = `Container ${name} is reported with ${shown.join(', ')}`
      return [{ code: 'RS106', container: name, message }]
    })
}

const fileCodes = {
  container: { cpuLimit: 'CG101', cpuRequest: 'CG102', memoryLimit: 'CG103' },
  pod: { cpuLimit: 'CG201', cpuRequest: 'CG202', memoryLimit: 'CG203' },
} as const satisfies Record<string, Record<FileCheck['value'], FindingCode>>

function fileFindings(
  level: keyof typeof fileCodes,
  container: string | undefined,
  values: readonly LayeredValue[],
): readonly Finding[] {
  return values
    .flatMap(({ files }) => files)
    .filter(({ ok }) => !ok)
    .map(({ value, file, found, expected }) => ({
      code: fileCodes[level][value],
      ...(container === undefined ? {} : { container }),
      message: `${file} says ${found}, it should say ${expected.join(' or ')}`,
      file,
      found,
      expected,
    }))
}

function sightFindings(
  whose: string,
  container: string | undefined,
  sight: CgroupSight | undefined,
  foreign?: string,
): readonly Finding[] {
  const where = container === undefined ? {} : { container }
  switch (sight?.kind) {
    case 'read':
      return (sight.problems ?? []).map(({ file, why }) => ({
        code: 'CG303',
        ...where,
        message: `${sight.path}: ${why}`,
        file,
      }))
    case 'unreadable':
      return [{ code: 'CG303', ...where, message: sight.why }]
    case 'hidden':
      return [
        {
          code: container === undefined ? 'CG304' : 'CG305',
          ...where,
          message: sight.why,
          ...fleetingOf(sight),
        },
      ]
    case 'gone':
    case undefined:
      return foreign === undefined
        ? [{ code: 'CG302', ...where, message: `${whose} runs and has no cgroup` }]
        : [{ code: 'CG306', ...where, message: `${whose} runs ${foreign}` }]
    default:
      return sight satisfies never
  }
}

function fleetingOf({ fleeting = false }: { readonly fleeting?: boolean }): Partial<Finding> {
  return fleeting ? { fleeting } : {}
}

const knownRuntimes: ReadonlySet<string> = new Set(['containerd', 'cri-o', 'docker'])

/** Why a container may rightly have no cgroup that could be found; undefined if it may not. */
function foreignRuntime(pod: Pod, name: string): string | undefined {
  const { runtimeClassName } = pod.spec
  if (runtimeClassName !== undefined) return `by the runtime class ${runtimeClassName}`
  const [runtime = ''] = containerNamed(pod, name)?.status?.containerID?.split('://') ?? []
  return knownRuntimes.has(runtime) ? undefined : `by ${runtime}, which podfit does not know`
}

function cgroupFindings(question: DriftQuestion): readonly Finding[] {
  const { pod, look, held, containers, podCgroup, kubelet } = question
  const running = containers.filter((container) => container.running)
  if (look.kind === 'unseen') {
    return running.length === 0 ? [] : [{ code: 'CG301', message: look.why, ...fleetingOf(look) }]
  }
  const missing = [
    ...(running.length === 0 ? [] : sightFindings('The pod', undefined, look.pod)),
    ...running.flatMap(({ name }) =>
      sightFindings(`Container ${name}`, name, look.containers[name], foreignRuntime(pod, name)),
    ),
    ...(look.runtimeProblem === undefined
      ? []
      : [{ code: 'CG307', message: look.runtimeProblem } as const]),
  ]
  if (held === 'inBetween') return missing
  const wrong = [
    ...running.flatMap(({ name, values }) => fileFindings('container', name, values)),
    ...fileFindings('pod', undefined, podCgroup.values),
  ]
  const checks = running.flatMap(({ values }) => values.flatMap(({ files }) => files))
  const around = podCgroup.values.flatMap(({ files }) => files)
  const unenforced = toldBy(kubelet) === undefined && noLimitIsQuota(checks, around)
  return [...missing, ...(unenforced ? withoutQuotas(wrong) : wrong)]
}

function withoutQuotas(wrong: readonly Finding[]): readonly Finding[] {
  const others = wrong.filter(({ code }) => code !== 'CG101' && code !== 'CG201')
  return [{ code: 'CG104', message: 'None of the CPU limits is a quota in the kernel' }, ...others]
}

/** Everything that is not as it should be: the resize itself first, then the API, then the kernel. */
export function findingsOf(question: DriftQuestion): readonly Finding[] {
  return [
    ...resizeFindings(question),
    ...notRunningFindings(question),
    ...unreportedFindings(question),
    ...statusFindings(question),
    ...cgroupFindings(question),
  ]
}
