import type { Container, Pod, PodSpec } from '../../pod.ts'
import { qosClassOf } from '../../resources/qos.ts'
import { validateContainerChanges } from './container-changes.ts'
import { forbidden, invalid, rootField, type FieldError } from '../../field-error.ts'
import { atLeast, defaultVersion, resizesPodLevel, type KubeVersion } from '../../kube-version.ts'
import { validatePodLevelChange } from './pod-level-changes.ts'
import { validatePodLevelResources } from './pod-level-rules.ts'
import { validateInitResizePolicy, validateResizePolicy } from '../resize-policy.ts'
import { validateContainerResources } from './resource-rules.ts'

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/**
 * Why the API server refuses a resize: an empty list if it does not. In the order and
 * the words of Kubernetes; the rules that every pod must obey come first.
 *
 * Before 1.32 a resize was an ordinary pod update; the answer for those versions is the
 * one of 1.32, except where the class changes.
 *
 * @param merged what `mergeResizeRequest` returned.
 * @see Kubernetes validation.go, ValidatePodResize.
 */
export function validateResize(
  old: Pod,
  merged: Pod,
  version: KubeVersion = defaultVersion,
): readonly FieldError[] {
  const unsupported = refusePodKind(old, version)
  if (unsupported) return [unsupported]
  const errors = [
    ...validateNewSizes(old.spec, merged.spec, version),
    ...refuseQosChange(old, merged, version),
    ...refuseOldNode(old),
  ]
  const podLevel = old.spec.resources !== undefined || merged.spec.resources !== undefined
  if (podLevel && atLeast(version, '1.35') && !resizesPodLevel(version)) {
    return [...errors, forbidden(rootField, podLevelGateOff)]
  }
  return [
    ...errors,
    ...(atLeast(version, '1.35') ? validatePodLevelChange(old.spec, merged.spec) : []),
    ...refuseResourceClaims(old, version),
    ...validateContainerChanges(old.spec, merged.spec, version),
  ]
}

const podLevelGateOff =
  'resize of pods with pod-level resources is forbidden when InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled'

/** Pods that are never resized, for which nothing else is said. */
function refusePodKind(old: Pod, version: KubeVersion): FieldError | undefined {
  if (hasPodLevelSizes(old.spec) && !atLeast(version, '1.35')) {
    return forbidden(rootField, 'pods with pod-level resources cannot be resized')
  }
  if (old.metadata.annotations?.[mirrorAnnotation] !== undefined) {
    return forbidden(rootField, 'static pods cannot be resized')
  }
  if (old.spec.os?.name === 'windows') {
    return forbidden(rootField, 'windows pods cannot be resized')
  }
  return undefined
}

function hasPodLevelSizes({ resources }: PodSpec): boolean {
  return Object.keys({ ...resources?.requests, ...resources?.limits }).length > 0
}

/** The rules of creation that a resize can break. */
function validateNewSizes(
  old: PodSpec,
  spec: PodSpec,
  version: KubeVersion,
): readonly FieldError[] {
  const context = { podRestartPolicy: spec.restartPolicy, version }
  const validateOne = ({ resources, resizePolicy }: Container, path: string) => [
    ...validateContainerResources(resources, `${path}.resources`),
    ...validateResizePolicy(resizePolicy, context, `${path}.resizePolicy`),
  ]
  return [
    ...spec.containers.flatMap((container, index) =>
      validateOne(container, `spec.containers[${index}]`),
    ),
    ...(spec.initContainers ?? []).flatMap((container, index) => {
      const path = `spec.initContainers[${index}]`
      return [
        ...validateOne(container, path),
        ...validateInitResizePolicy(container, version, old, `${path}.resizePolicy`),
      ]
    }),
    ...validatePodLevelResources(spec),
  ]
}

function refuseQosChange(old: Pod, merged: Pod, version: KubeVersion): readonly FieldError[] {
  const before = old.status?.qosClass ?? qosClassOf(old.spec)
  if (before === qosClassOf(merged.spec)) return []
  if (!atLeast(version, '1.32')) return [invalid('metadata', before, 'Pod QoS is immutable')]
  return [invalid('spec', before, 'Pod QOS Class may not change as a result of resizing')]
}

/** A node that cannot resize does not report what its running containers have. */
function refuseOldNode(old: Pod): readonly FieldError[] {
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running)
  if (!running || running.resources) return []
  return [forbidden('spec', 'Pod running on node without support for resize')]
}

function refuseResourceClaims(old: Pod, version: KubeVersion): readonly FieldError[] {
  const claims = old.status?.nodeAllocatableResourceClaimStatuses ?? []
  if (claims.length === 0 || !atLeast(version, '1.36')) return []
  return [forbidden('spec', 'pods with node allocatable resource claims cannot be resized')]
}
