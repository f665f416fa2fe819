import type { Container, EnvVar, Pod } from '../../domain/pod.ts'
import { wholeQuantity } from '../../domain/quantity/quantity.ts'
import type { Size } from '../../domain/resources/size.ts'
import type { FindingMeaning } from '../findings/finding-meaning.ts'
import type { PodPart } from '../pod-part.ts'

/** Every warning of a plan. The code never changes its meaning. */
export const planWarningTable = {
  PL101: {
    level: 'warning',
    title: 'A volume in memory does not follow',
    cause:
      'An emptyDir with medium Memory is mounted with a size that is fixed when the pod starts',
    cure: 'Set its sizeLimit for the largest size, or recreate the pod',
    details:
      'Without a sizeLimit the volume is as large as the memory limit was at the start. What is written to it counts as memory of the container.',
  },
  PL102: {
    level: 'warning',
    title: 'The environment keeps the old size',
    cause: 'An environment variable takes its value from resourceFieldRef (kubernetes#130801)',
    cure: 'Read the size from a downward API volume, which follows, or restart the container',
  },
  PL103: {
    level: 'warning',
    title: 'The memory limit would be below what is in use',
    cause:
      'The container holds more memory than it is to have, beyond page cache that can be dropped',
    cure: 'Free memory inside the container first, or ask for more; the node refuses the step or tries for a while',
  },
  PL104: {
    level: 'warning',
    title: 'A JVM does not use memory that is added later',
    cause: 'The heap is sized from the memory limit when the JVM starts',
    cure: 'Set -Xmx for the largest size, or resizePolicy RestartContainer for memory',
  },
  PL105: {
    level: 'warning',
    title: 'The resize cannot be undone',
    cause:
      'It sets a request or limit that the container has not had, and most API servers let none be removed',
    cure: 'Be sure; podfit undo then fails for this container',
  },
  PL106: {
    level: 'warning',
    title: 'A static CPU or memory manager keeps the size',
    cause:
      "The node's kubelet has cpuManagerPolicy static or memoryManagerPolicy Static, and the pod is Guaranteed",
    cure: 'Recreate the pod with the new size, or let it run on a node without that policy',
    details:
      'The kubelet calls such a resize infeasible and does not try it again. Before Kubernetes 1.34 every resize of a Guaranteed pod is, later only one that changes the CPU (CPU manager) or the memory (memory manager). `podfit check` shows the policies of each node; they are read by get on nodes/proxy.',
  },
  PL107: {
    level: 'warning',
    title: 'The container may swap, and so keeps its memory request',
    cause:
      "The node's kubelet has swapBehavior LimitedSwap: a Burstable container's swap is fixed by its memory request when it starts",
    cure: 'Set resizePolicy RestartContainer for memory, or change the limit alone',
    details:
      'The kubelet calls a change of the memory request without a restart infeasible there. `podfit up --swap-behavior LimitedSwap` makes such a node.',
  },
} as const satisfies Record<string, FindingMeaning>

export type PlanWarningCode = keyof typeof planWarningTable

/** Something that a resize of this pod will not do, or may do besides. Codes never change their meaning. */
export interface PlanWarning {
  readonly code: PlanWarningCode
  readonly message: string
}

export interface WarningInput {
  readonly pod: Pod
  /** Whose size changes. */
  readonly part: PodPart
  /** The containers that it changes something for. */
  readonly containers: readonly Container[]
  readonly before: Size
  readonly after: Size
  /** Where their memory limit comes down: bytes in use by them that cannot be dropped, if known. */
  readonly workingSet?: number
}

/** What a person should know before a container or a pod gets its new size. */
export function planWarnings(input: WarningInput): readonly PlanWarning[] {
  return [
    ...memoryVolumes(input),
    ...frozenEnvironment(input),
    ...shrinkBelowUse(input),
    ...raisedMemoryOfJava(input),
    ...addedForGood(input),
  ]
}

function memoryVolumes({ pod, before, after }: WarningInput): readonly PlanWarning[] {
  if (before.memoryLimit === after.memoryLimit) return []
  const names = (pod.spec.volumes ?? [])
    .filter(({ emptyDir }) => emptyDir?.medium === 'Memory')
    .map(({ name }) => name)
  if (names.length === 0) return []
  const message = `emptyDir ${names.join(', ')} is in memory and keeps the size it was mounted with`
  return [{ code: 'PL101', message }]
}

const sizeKeys: Readonly<Record<string, keyof Size>> = {
  'requests.cpu': 'cpuRequest',
  'limits.cpu': 'cpuLimit',
  'requests.memory': 'memoryRequest',
  'limits.memory': 'memoryLimit',
}

function frozenEnvironment({ containers, before, after }: WarningInput): readonly PlanWarning[] {
  const changed = ({ valueFrom }: EnvVar): boolean => {
    const field = valueFrom?.['resourceFieldRef'] as { resource?: string } | undefined
    const key = sizeKeys[field?.resource ?? '']
    return key !== undefined && before[key] !== after[key]
  }
  const names = containers.flatMap(({ env = [] }) => env.filter(changed).map(({ name }) => name))
  if (names.length === 0) return []
  const message = `${names.join(', ')} of the environment keeps the old size until the container restarts`
  return [{ code: 'PL102', message }]
}

const mebi = 2 ** 20

function shrinkBelowUse({ part, after, workingSet }: WarningInput): readonly PlanWarning[] {
  const limit = after.memoryLimit
  if (limit === undefined || workingSet === undefined || workingSet < limit) return []
  const who = part === undefined ? 'pod' : 'container'
  const used = wholeQuantity(Math.ceil(workingSet / mebi) * mebi)
  const message = `the ${who} uses ${used}, not less than the limit of ${wholeQuantity(limit)} that is asked for`
  return [{ code: 'PL103', message }]
}

/** A JVM reads its memory limit once: what is added later is not used. */
function raisedMemoryOfJava({ containers, before, after }: WarningInput): readonly PlanWarning[] {
  const words = containers.flatMap(({ command = [], args = [] }) => [...command, ...args])
  const java = words.some((word) => /(^|[/ ])java( |$)/.test(word))
  const raised = (after.memoryLimit ?? 0) > (before.memoryLimit ?? 0)
  if (!java || !raised) return []
  const message =
    'a JVM fixes its heap at the start: without a restart it does not use the new memory'
  return [{ code: 'PL104', message }]
}

const sizeNames = {
  cpuRequest: 'CPU request',
  cpuLimit: 'CPU limit',
  memoryRequest: 'memory request',
  memoryLimit: 'memory limit',
} as const satisfies Record<keyof Size, string>

function addedForGood({ before, after }: WarningInput): readonly PlanWarning[] {
  const added = Object.entries(sizeNames)
    .filter(([key]) => {
      const value = key as keyof Size
      return before[value] === undefined && after[value] !== undefined
    })
    .map(([, name]) => name)
  if (added.length === 0) return []
  return [
    {
      code: 'PL105',
      message: `it has no ${added.join(' and ')} yet, and what is set cannot be removed`,
    },
  ]
}
