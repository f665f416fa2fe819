import type { Container, EnvVar, Pod } from '../domain/pod.ts'
import type { Size } from '../domain/resources.ts'

/** Something that a resize of this pod will not do, or may do besides. Codes never change their meaning. */
export interface PlanWarning {
  readonly code: 'PL101' | 'PL102' | 'PL103' | 'PL104'
  readonly message: string
}

export interface WarningInput {
  readonly pod: Pod
  readonly container: Container
  readonly before: Size
  readonly after: Size
  /** Bytes in use by the container that cannot be dropped, if they could be read. */
  readonly workingSet?: number
}

/** What a person should know before the container gets its new size. */
export function planWarnings(input: WarningInput): readonly PlanWarning[] {
  return [
    ...memoryVolumes(input),
    ...frozenEnvironment(input),
    ...shrinkBelowUse(input),
    ...raisedMemoryOfJava(input),
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

function frozenEnvironment({ container, before, after }: WarningInput): readonly PlanWarning[] {
  const changed = ({ valueFrom }: EnvVar): boolean => {
    const field = valueFrom?.['resourceFieldRef'] as { resource?: string } | undefined
    const key = sizeKeys[field?.resource ?? '']
    return key !== undefined && before[key] !== after[key]
  }
  const names = (container.env ?? []).filter(changed).map(({ name }) => name)
  if (names.length === 0) return []
  const message = `${names.join(', ')} of the environment keeps the old size until the container restarts`
  return [{ code: 'PL102', message }]
}

function shrinkBelowUse({ after, before, workingSet }: WarningInput): readonly PlanWarning[] {
  const limit = after.memoryLimit
  if (limit === undefined || workingSet === undefined || workingSet < limit) return []
  if (before.memoryLimit !== undefined && limit >= before.memoryLimit) return []
  const message = `the container uses ${workingSet} bytes, more than the limit of ${limit} bytes that is asked for`
  return [{ code: 'PL103', message }]
}

/** A JVM reads its memory limit once: what is added later is not used. */
function raisedMemoryOfJava({ container, before, after }: WarningInput): readonly PlanWarning[] {
  const words = [...(container.command ?? []), ...(container.args ?? [])]
  const java = words.some((word) => /(^|[/ ])java( |$)/.test(word))
  const raised = (after.memoryLimit ?? 0) > (before.memoryLimit ?? 0)
  if (!java || !raised) return []
  const message =
    'a JVM fixes its heap at the start: without a restart it does not use the new memory'
  return [{ code: 'PL104', message }]
}
