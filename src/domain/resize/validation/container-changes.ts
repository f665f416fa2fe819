import { isSidecar, type Container, type PodSpec } from '../../pod.ts'
import { compareQuantity, parseQuantity, type Quantity } from '../../quantity/quantity.ts'
import { isRemoved } from './changed-lists.ts'
import { forbidden, type FieldError } from '../../field-error.ts'
import { atLeast, type KubeVersion } from '../../kube-version.ts'
import { changesOnlySizes, samePolicy } from './only-sizes.ts'
import { restartsFor } from '../resize-policy.ts'
import { refuseWholeSpecChange } from './whole-spec-change.ts'
import { sameResources } from '../same-resources.ts'

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
  if (!atLeast(version, '1.33')) return validateBefore133(old, merged, version)
  const misplaced = [
    ...validateOrder('containers', old.containers, merged.containers),
    ...validateOrder('initContainers', old.initContainers ?? [], merged.initContainers ?? []),
  ]
  if (misplaced.length > 0) return misplaced
  const regular = changesIn('containers', old.containers, merged.containers)
  const init = changesIn('initContainers', old.initContainers ?? [], merged.initContainers ?? [])
  const removals = (change: ContainerChange) => refuseRemovals(change, version)
  return [
    ...init.filter((change) => isResizable(change, version)).flatMap(removals),
    ...regular.flatMap(removals),
    ...regular.flatMap((change) => refuseOtherChanges(change, version)),
    ...init.flatMap((change) => refuseInitChanges(change, version)),
  ]
}

/** Neither names nor order were looked at, and no init container could be resized. */
function validateBefore133(
  old: PodSpec,
  merged: PodSpec,
  version: KubeVersion,
): readonly FieldError[] {
  return [
    ...changesIn('containers', old.containers, merged.containers).flatMap((change) =>
      refuseRemovals(change, version),
    ),
    ...refuseWholeSpecChange(old, merged),
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
  const field = `${path}.resources.limits[memory]`
  const old = memoryLimitOf(before)
  const wanted = memoryLimitOf(after)
  if (wanted === undefined) return []
  if (old === undefined) {
    return [
      forbidden(field, 'memory limits cannot be added unless resizePolicy is RestartContainer'),
    ]
  }
  if (compareQuantity(wanted, old) >= 0) return []
  return [
    forbidden(field, 'memory limits cannot be decreased unless resizePolicy is RestartContainer'),
  ]
}

function memoryLimitOf({ resources }: Container): Quantity | undefined {
  const text = resources?.limits?.['memory']
  return text === undefined ? undefined : parseQuantity(text)
}

function refuseOtherChanges(
  { before, after }: ContainerChange,
  version: KubeVersion,
): readonly FieldError[] {
  if (changesOnlySizes(before, after, version)) return []
  return [forbidden('spec', 'only cpu and memory resources are mutable')]
}

function refuseInitChanges(change: ContainerChange, version: KubeVersion): readonly FieldError[] {
  const { before, after, path } = change
  const same = sameResources(before.resources, after.resources) && samePolicy(before, after)
  if (!isResizable(change, version)) {
    return same
      ? []
      : [forbidden('spec', 'resources for non-sidecar init containers are immutable')]
  }
  const errors: FieldError[] = []
  if (!changesOnlySizes(before, after, version)) {
    errors.push(
      atLeast(version, '1.36')
        ? forbidden(
            path,
            'only cpu and memory resources for init or sidecar containers are mutable',
          )
        : forbidden('spec', 'only cpu and memory resources for sidecar containers are mutable'),
    )
  }
  if (!isSidecar(before) && restarts(after) && !same) {
    const detail =
      'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'
    errors.push(forbidden(path, detail))
  }
  return errors
}

/** Whether the release resizes this kind of init container: sidecars, from 1.36 on all. */
function isResizable({ before }: ContainerChange, version: KubeVersion): boolean {
  return isSidecar(before) || atLeast(version, '1.36')
}

function restarts(container: Container): boolean {
  return restartsFor(container, 'cpu') || restartsFor(container, 'memory')
}
