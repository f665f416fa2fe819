import { isSidecar, type Container, type ContainerResizePolicy, type PodSpec } from '../pod.ts'
import { duplicate, invalid, notSupported, required, type FieldError } from '../field-error.ts'
import { atLeast, type KubeVersion } from '../kube-version.ts'

export type ResizableResource = 'cpu' | 'memory'

const resources: readonly string[] = ['cpu', 'memory'] satisfies ResizableResource[]
const restartPolicies: readonly string[] = ['NotRequired', 'RestartContainer']

/** What a container's resize policy is checked against. */
export interface ResizePolicyContext {
  /** The pod's restartPolicy. */
  readonly podRestartPolicy: string | undefined
  readonly version: KubeVersion
}

/** Whether a change of the resource restarts the container. No entry means that it does not. */
export function restartsFor(container: Container, resource: ResizableResource): boolean {
  const entry = container.resizePolicy?.find(({ resourceName }) => resourceName === resource)
  return entry?.restartPolicy === 'RestartContainer'
}

/**
 * What is wrong with the `resizePolicy` of a container of any sort. Kubernetes leaves the
 * index out of most paths.
 *
 * @param path of the list, such as `spec.containers[0].resizePolicy`.
 * @see Kubernetes validation.go, validateResizePolicy.
 */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[] = [],
  context: ResizePolicyContext,
  path: string,
): readonly FieldError[] {
  const seen = new Set<string>()
  return policies.flatMap((policy, index) => {
    const repeated = seen.has(policy.resourceName)
    seen.add(policy.resourceName)
    return [
      ...(repeated ? [duplicate(`${path}[${index}]`, policy.resourceName)] : []),
      ...validateEntry(policy, context, path),
    ]
  })
}

function validateEntry(
  { resourceName, restartPolicy }: ContainerResizePolicy,
  { podRestartPolicy, version }: ResizePolicyContext,
  path: string,
): readonly FieldError[] {
  const whose = atLeast(version, '1.36') ? 'pod ' : ''
  const why = `must be 'NotRequired' when ${whose}\`restartPolicy\` is 'Never'`
  // What may not be restarted cannot be restarted for a resize.
  const never = podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired'
  return [
    ...validateChoice(resourceName, resources, path),
    ...validateChoice(restartPolicy, restartPolicies, path),
    ...(never ? [invalid(path, restartPolicy, why)] : []),
  ]
}

function validateChoice(
  value: string | undefined,
  supported: readonly string[],
  path: string,
): readonly FieldError[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

/** The pod that an update begins with: what it was allowed once, it may keep. */
export type Before = Pick<PodSpec, 'initContainers'> | undefined

/**
 * What else is wrong with that of an init container: none may have one before 1.33, and
 * since 1.36 those that end may not be restarted for a resize.
 *
 * @see Kubernetes validation.go, validateInitContainers.
 */
export function validateInitResizePolicy(
  container: Container,
  version: KubeVersion,
  before: Before,
  path: string,
): readonly FieldError[] {
  const policies = container.resizePolicy ?? []
  if (!atLeast(version, '1.33')) {
    if (policies.length === 0) return []
    return [invalid(path, goValues(policies), 'must not be set for init containers')]
  }
  const isFree = isSidecar(container) || !atLeast(version, '1.36')
  if (isFree || (before?.initContainers ?? []).some(restartsAndEnds)) return []
  const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
  return policies.flatMap(({ restartPolicy }, index) =>
    restartPolicy === 'RestartContainer'
      ? [invalid(`${path}[${index}].restartPolicy`, restartPolicy, detail)]
      : [],
  )
}

function restartsAndEnds(container: Container): boolean {
  return (
    !isSidecar(container) && (restartsFor(container, 'cpu') || restartsFor(container, 'memory'))
  )
}

// Kubernetes prints its internal type here, whose fields have no JSON names.
function goValues(policies: readonly ContainerResizePolicy[]) {
  return policies.map(({ resourceName, restartPolicy }) => ({
    ResourceName: resourceName,
    RestartPolicy: restartPolicy,
  }))
}
