import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'

/**
 * The release that first had a field, for those that came after 1.27: an older server does
 * not know them, whatever its feature gates.
 */
const since: Readonly<Partial<Record<KubeVersion, readonly string[]>>> = {
  '1.28': [
    'core/v1.Container.restartPolicy',
    'core/v1.EphemeralContainer.restartPolicy',
    'core/v1.PodStatus.hostIPs',
  ],
  '1.29': [
    'core/v1.LifecycleHandler.sleep',
    'core/v1.LoadBalancerIngress.ipMode',
    'core/v1.PersistentVolumeClaimSpec.volumeAttributesClassName',
    'core/v1.PodAffinityTerm.matchLabelKeys',
    'core/v1.PodAffinityTerm.mismatchLabelKeys',
    'core/v1.VolumeProjection.clusterTrustBundle',
  ],
  '1.30': [
    'core/v1.ContainerStatus.volumeMounts',
    'core/v1.NodeStatus.runtimeHandlers',
    'core/v1.PodSecurityContext.appArmorProfile',
    'core/v1.SecurityContext.appArmorProfile',
    'core/v1.ServiceSpec.trafficDistribution',
    'core/v1.VolumeMount.recursiveReadOnly',
  ],
  '1.31': [
    'authorization/v1.ResourceAttributes.fieldSelector',
    'authorization/v1.ResourceAttributes.labelSelector',
    'coordination/v1.LeaseSpec.preferredHolder',
    'coordination/v1.LeaseSpec.strategy',
    'core/v1.ContainerStatus.allocatedResourcesStatus',
    'core/v1.ContainerStatus.user',
    'core/v1.NodeStatus.features',
    'core/v1.PodSecurityContext.supplementalGroupsPolicy',
    'core/v1.ResourceClaim.request',
    'core/v1.Volume.image',
  ],
  '1.32': [
    'core/v1.PodSecurityContext.seLinuxChangePolicy',
    'core/v1.PodSpec.resources',
    'meta/v1.DeleteOptions.ignoreStoreReadErrorWithClusterBreakingPotential',
  ],
  '1.33': [
    'core/v1.ContainerStatus.stopSignal',
    'core/v1.Lifecycle.stopSignal',
    'core/v1.NodeSystemInfo.swap',
    'core/v1.PodCondition.observedGeneration',
    'core/v1.PodStatus.observedGeneration',
  ],
  '1.34': [
    'core/v1.Container.restartPolicyRules',
    'core/v1.EnvVarSource.fileKeyRef',
    'core/v1.EphemeralContainer.restartPolicyRules',
    'core/v1.PodSpec.hostnameOverride',
    'core/v1.PodStatus.extendedResourceClaimStatus',
    'core/v1.VolumeProjection.podCertificate',
  ],
  '1.35': [
    'core/v1.NodeStatus.declaredFeatures',
    'core/v1.PodStatus.allocatedResources',
    'core/v1.PodStatus.resources',
  ],
  '1.36': [
    'core/v1.PodSpec.schedulingGroup',
    'core/v1.PodStatus.nodeAllocatableResourceClaimStatuses',
  ],
}

const firstWith = new Map(
  Object.entries(since).flatMap(([version, fields]) =>
    fields.map((field) => [field, version as KubeVersion] as const),
  ),
)

/** Whether a server of `version` has the field, named as `core/v1.PodSpec.resources`. */
export function hasField(typeName: string, field: string, version: KubeVersion): boolean {
  const first = firstWith.get(`${typeName}.${field}`)
  return first === undefined || atLeast(version, first)
}

/** Every field that some version lacks. */
export const newerFields: readonly string[] = [...firstWith.keys()]
