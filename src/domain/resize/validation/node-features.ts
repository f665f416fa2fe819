import { isSidecar, type Pod } from '../../pod.ts'
import { atLeast, type KubeVersion } from '../../kube-version.ts'
import { sameResources } from '../same-resources.ts'

const podLevel = 'InPlacePodLevelResourcesVerticalScaling'
const initContainers = 'InPlacePodVerticalScalingInitContainers'

/**
 * What podfit's node says in `status.declaredFeatures` that it can do, as the kubelet of
 * Kubernetes 1.36 does; before, nothing is declared.
 */
export function declaredFeatures(version: KubeVersion): readonly string[] {
  return atLeast(version, '1.36') ? [podLevel, initContainers] : []
}

/**
 * Which features a node must declare for a resize from `before` to `after`.
 *
 * @see Kubernetes 1.36 component-helpers nodedeclaredfeatures, InferForUpdate
 */
export function featuresNeeded(before: Pod, after: Pod): readonly string[] {
  const old = new Map((before.spec.initContainers ?? []).map((one) => [one.name, one]))
  const init = (after.spec.initContainers ?? []).some((container) => {
    const was = old.get(container.name)?.resources
    return !isSidecar(container) && !sameResources(was, container.resources)
  })
  return [
    ...(sameResources(before.spec.resources, after.spec.resources) ? [] : [podLevel]),
    ...(init ? [initContainers] : []),
  ]
}
