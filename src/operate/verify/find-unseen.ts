import type { Pod } from '../../domain/pod.ts'
import type { CgroupSight } from '../cgroups/cgroup-look.ts'
import { containerNamed } from '../containers.ts'
import type { FindingCode } from '../findings/finding-table.ts'
import type { Finding } from '../findings/finding.ts'
import type { DriftQuestion } from './drift-question.ts'

/** What could not be looked at: the cgroups as a whole, or those of the pod and its running containers. */
export function findUnseen({ pod, look, containers }: DriftQuestion): readonly Finding[] {
  const running = containers.filter((container) => container.running)
  if (look.kind === 'unseen') {
    return running.length === 0 ? [] : [{ code: 'CG301', message: look.why, ...fleetingOf(look) }]
  }
  return [
    ...(running.length === 0 ? [] : sightFindings('The pod', undefined, look.pod)),
    ...running.flatMap(({ name }) =>
      sightFindings(`Container ${name}`, name, look.containers[name], foreignRuntime(pod, name)),
    ),
    ...(look.runtimeProblem === undefined
      ? []
      : [{ code: 'CG307', message: look.runtimeProblem } as const]),
  ]
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
      return [{ code: hiddenCode(container), ...where, message: sight.why, ...fleetingOf(sight) }]
    case 'gone':
    case undefined:
      return foreign === undefined
        ? [{ code: 'CG302', ...where, message: `${whose} runs and has no cgroup` }]
        : [{ code: 'CG306', ...where, message: `${whose} runs ${foreign}` }]
    default:
      return sight satisfies never
  }
}

function hiddenCode(container: string | undefined): FindingCode {
  return container === undefined ? 'CG304' : 'CG305'
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
