import type { Container, ContainerResizePolicy } from '../pod.ts'
import { duplicate, invalid, notSupported, required, type FieldError } from './field-error.ts'
import { atLeast, defaultVersion, type KubeVersion } from './kube-version.ts'

export type ResizableResource = 'cpu' | 'memory'

const resources: readonly string[] = ['cpu', 'memory'] satisfies ResizableResource[]
const restartPolicies: readonly string[] = ['NotRequired', 'RestartContainer']

/** What a container's resize policy is checked against. */
export interface ResizePolicyContext {
  readonly containerKind: 'regular' | 'sidecar' | 'init'
  readonly podRestartPolicy: string | undefined
  readonly version?: KubeVersion
}

/** Whether a change of the resource restarts the container. No entry means that it does not. */
export function restartsFor(container: Container, resource: ResizableResource): boolean {
  const entry = container.resizePolicy?.find(({ resourceName }) => resourceName === resource)
  return entry?.restartPolicy === 'RestartContainer'
}

/**
 * What is wrong with the `resizePolicy` of a container of a new pod.
 *
 * Pods that were accepted by an older release keep what they have: do not call this with
 * `containerKind: 'init'` for a pod that is only being updated.
 *
 * @param path of the list, such as `spec.containers[0].resizePolicy`.
 * @see Kubernetes validation.go, validateResizePolicy and validateInitContainers.
 */
export function validateResizePolicy(
  policies: readonly ContainerResizePolicy[] | undefined,
  path: string,
  { containerKind, podRestartPolicy, version = defaultVersion }: ResizePolicyContext,
): readonly FieldError[] {
  if (!policies || policies.length === 0) return []
  if (containerKind !== 'regular' && !atLeast(version, '1.33')) {
    return [invalid(path, goValues(policies), 'must not be set for init containers')]
  }
  const entries = policies.flatMap((policy, index) => {
    const earlier = policies.slice(0, index)
    return validateEntry(policy, earlier, path, index, podRestartPolicy, version)
  })
  if (containerKind !== 'init' || !atLeast(version, '1.36')) return entries
  return [...entries, ...validatePlainInit(policies, path)]
}

function validateEntry(
  { resourceName, restartPolicy }: ContainerResizePolicy,
  earlier: readonly ContainerResizePolicy[],
  path: string,
  index: number,
  podRestartPolicy: string | undefined,
  version: KubeVersion,
): readonly FieldError[] {
  const errors: FieldError[] = []
  if (earlier.some((other) => other.resourceName === resourceName)) {
    errors.push(duplicate(`${path}[${index}]`, resourceName))
  }
  errors.push(...validateChoice(resourceName, resources, path))
  errors.push(...validateChoice(restartPolicy, restartPolicies, path))
  if (podRestartPolicy === 'Never' && restartPolicy === 'RestartContainer') {
    const field = atLeast(version, '1.36') ? 'pod `restartPolicy`' : '`restartPolicy`'
    errors.push(invalid(path, restartPolicy, `must be 'NotRequired' when ${field} is 'Never'`))
  }
  return errors
}

function validateChoice(
  value: string | undefined,
  supported: readonly string[],
  path: string,
): readonly FieldError[] {
  if (value === undefined || value === '') return [required(path)]
  return supported.includes(value) ? [] : [notSupported(path, value, supported)]
}

function validatePlainInit(
  policies: readonly ContainerResizePolicy[],
  path: string,
): readonly FieldError[] {
  const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers"
  return policies.flatMap(({ restartPolicy }, index) =>
    restartPolicy === 'RestartContainer'
      ? [invalid(`${path}[${index}].restartPolicy`, restartPolicy, detail)]
      : [],
  )
}

// Kubernetes prints its internal type here, whose fields have no JSON names.
function goValues(policies: readonly ContainerResizePolicy[]) {
  return policies.map(({ resourceName, restartPolicy }) => ({
    ResourceName: resourceName,
    RestartPolicy: restartPolicy,
  }))
}
