import type { Pod } from '../../../domain/pod.ts'
import { qosClassOf } from '../../../domain/resources/qos.ts'
import { forbidden, invalid, type FieldError } from '../../../domain/field-error.ts'
import { atLeast, defaultVersion, type KubeVersion } from '../../../domain/kube-version.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectsAt } from '../../schema/read-json.ts'
import { specDiff } from '../../../domain/resize/validation/spec-diff.ts'
import { validateSpec } from './validate-spec.ts'
import { validateSpecUpdate } from './validate-spec-update.ts'
import { withUpdatableFields } from './updatable-fields.ts'

function specOf(pod: Pod): JsonObject {
  return (pod.spec as unknown as JsonObject | undefined) ?? {}
}

/**
 * Everything that is wrong with the spec of a new pod. `pod` must have its defaults
 * (`defaultPod`); metadata is checked elsewhere, the same for all kinds.
 */
export function validatePodCreate(
  pod: Pod,
  version: KubeVersion = defaultVersion,
): readonly FieldError[] {
  const spec = specOf(pod)
  return [
    ...validateSpec(spec, version),
    ...(objectsAt(spec, 'ephemeralContainers').length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
  ]
}

/**
 * Everything that is wrong with a change of `old` into `submitted` by PUT or PATCH of the pod
 * itself. Hardly anything of a spec may change that way: resources change through the resize
 * subresource (since 1.32).
 */
export function validatePodUpdate(
  old: Pod,
  submitted: Pod,
  version: KubeVersion = defaultVersion,
): readonly FieldError[] {
  const [before, after] = [specOf(old), specOf(submitted)]
  const found = validateSpec(after, version, old.spec)
  const containers = validateSpecUpdate(before, after)
  if (containers.kind === 'stop') return [...found, ...containers.errors]
  const kept = withUpdatableFields(before, after, version)
  const diff = specDiff(before, kept)
  return [
    ...found,
    ...containers.errors,
    ...(atLeast(version, '1.32') ? [] : checkQosClass(old, submitted)),
    ...(diff === '' ? [] : [forbidden('spec', `${updatableText(version)}\n${diff}`)]),
  ]
}

/** Where a resize is an update of the pod: it may not change how the pod is treated. */
function checkQosClass(old: Pod, submitted: Pod): readonly FieldError[] {
  const before = old.status?.qosClass ?? qosClassOf(old.spec)
  if (qosClassOf(submitted.spec) === before) return []
  return [invalid('metadata', before, 'Pod QoS is immutable')]
}

const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
]
const resizable = '`spec.containers[*].resources` (for CPU/memory only)'

function updatableText(version: KubeVersion): string {
  const fields = atLeast(version, '1.32') ? updatable : [...updatable, resizable]
  return `pod updates may not change fields other than ${fields.join(',')}`
}
