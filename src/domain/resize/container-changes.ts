import { isSidecar, type Container, type PodSpec, type ResourceList } from '../pod.ts'
import { compareQuantity, isZero, parseQuantity, type Quantity } from '../quantity.ts'
import { isRemoved, withoutCpuAndMemory } from './changed-lists.ts'
import { forbidden, type FieldError } from './field-error.ts'
import { atLeast, type KubeVersion } from './kube-version.ts'
import { restartsFor } from './resize-policy.ts'
import { sameList, sameResources } from './same-resources.ts'

interface ContainerChange {
  readonly before: Container
  readonly after: Container
  /** Path of the container, such as `spec.containers[0]`. */
  readonly path: string
}

/** Why the containers may not change like that; their new values by themselves are not looked at. */
export function validateContainerChanges(
  old: PodSpec,
  merged: PodSpec,
  version: KubeVersion,
): readonly FieldError[] {
  const misplaced = [
    ...validateOrder('containers', old.containers, merged.containers),
    ...validateOrder('initContainers', old.initContainers ?? [], merged.initContainers ?? []),
  ]
  if (misplaced.length > 0) {
    if (atLeast(version, '1.33')) return misplaced
    return [forbidden('spec', 'only cpu and memory resources are mutable')]
  }
  const regular = changesIn('containers', old.containers, merged.containers)
  const init = changesIn('initContainers', old.initContainers ?? [], merged.initContainers ?? [])
  return [
    ...[...init, ...regular].flatMap((change) => refuseRemovals(change, version)),
    ...regular.flatMap((change) => refuseOtherChanges(change, version)),
    ...init.flatMap((change) => refuseInitChanges(change, version)),
  ]
}

function validateOrder(
  list: 'containers' | 'initContainers',
  before: readonly Container[],
  after: readonly Container[],
): readonly FieldError[] {
  if (before.length !== after.length) {
    return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]
  }
  return before.flatMap(({ name }, index) =>
    after[index]?.name === name
      ? []
      : [
          forbidden(
            `spec.${list}[${index}].name`,
            `${list} may not be renamed or reordered on resize`,
          ),
        ],
  )
}

function changesIn(
  list: 'containers' | 'initContainers',
  old: readonly Container[],
  merged: readonly Container[],
): readonly ContainerChange[] {
  return old.flatMap((before, index) => {
    const after = merged[index]
    return after ? [{ before, after, path: `spec.${list}[${index}]` }] : []
  })
}

function refuseRemovals(
  { before, after, path }: ContainerChange,
  version: KubeVersion,
): readonly FieldError[] {
  const errors: FieldError[] = []
  if (isRemoved(before.resources?.requests, after.resources?.requests)) {
    errors.push(forbidden(`${path}.resources.requests`, 'resource requests cannot be removed'))
  }
  if (isRemoved(before.resources?.limits, after.resources?.limits)) {
    errors.push(forbidden(`${path}.resources.limits`, 'resource limits cannot be removed'))
  }
  if (version === '1.33') errors.push(...refuseMemoryDecrease({ before, after, path }))
  return errors
}

/** Kubernetes 1.33 only; later releases lower the limit of a running container as well as they can. */
function refuseMemoryDecrease({ before, after, path }: ContainerChange): readonly FieldError[] {
  if (restartsFor(after, 'memory')) return []
  const old = memoryOf(before.resources?.limits)
  const wanted = memoryOf(after.resources?.limits)
  const field = `${path}.resources.limits[memory]`
  if (compareQuantity(wanted, old) < 0) {
    return [
      forbidden(field, `memory limits cannot be decreased unless resizePolicy is RestartContainer`),
    ]
  }
  if (isZero(old) && !isZero(wanted)) {
    return [
      forbidden(field, `memory limits cannot be added unless resizePolicy is RestartContainer`),
    ]
  }
  return []
}

const zero = parseQuantity('0')!

function memoryOf(list: ResourceList | undefined): Quantity {
  return (list?.memory === undefined ? undefined : parseQuantity(list.memory)) ?? zero
}

function refuseOtherChanges(change: ContainerChange, version: KubeVersion): readonly FieldError[] {
  if (changesOnlySizes(change, version)) return []
  return [forbidden('spec', 'only cpu and memory resources are mutable')]
}

function refuseInitChanges(change: ContainerChange, version: KubeVersion): readonly FieldError[] {
  const { before, after, path } = change
  const sidecar = isSidecar(before)
  if (!sidecar && !atLeast(version, '1.36')) {
    const same = sameResources(before.resources, after.resources) && samePolicy(change)
    return same
      ? []
      : [forbidden('spec', 'resources for non-sidecar init containers are immutable')]
  }
  const errors: FieldError[] = []
  if (!sidecar && restarts(before) && !sameResources(before.resources, after.resources)) {
    const detail =
      'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
    errors.push(forbidden(path, detail))
  }
  if (!changesOnlySizes(change, version)) {
    errors.push(
      atLeast(version, '1.36')
        ? forbidden(
            path,
            'only cpu and memory resources for init or sidecar containers are mutable',
          )
        : forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'),
    )
  }
  return errors
}

function restarts(container: Container): boolean {
  return restartsFor(container, 'cpu') || restartsFor(container, 'memory')
}

function changesOnlySizes({ before, after, path }: ContainerChange, version: KubeVersion): boolean {
  return (
    sameRest(before.resources?.requests, after.resources?.requests, version) &&
    sameRest(before.resources?.limits, after.resources?.limits, version) &&
    // Kubernetes loses the new side's claims in this comparison, so that a container with
    // claims is never resizable.
    (before.resources?.claims ?? []).length === 0 &&
    (after.resources?.claims ?? []).length === 0 &&
    (samePolicy({ before, after, path }) || !atLeast(version, '1.33'))
  )
}

function sameRest(
  before: ResourceList | undefined,
  after: ResourceList | undefined,
  version: KubeVersion,
): boolean {
  // Until 1.34 a list that did not exist could be filled with anything (k8s#135084).
  if (before === undefined && !atLeast(version, '1.35')) return true
  return sameList(withoutCpuAndMemory(before), withoutCpuAndMemory(after))
}

function samePolicy({ before, after }: ContainerChange): boolean {
  const a = before.resizePolicy ?? []
  const b = after.resizePolicy ?? []
  return (
    a.length === b.length &&
    a.every(
      ({ resourceName, restartPolicy }, index) =>
        b[index]?.resourceName === resourceName && b[index]?.restartPolicy === restartPolicy,
    )
  )
}
