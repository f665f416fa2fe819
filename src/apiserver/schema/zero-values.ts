import type { JsonValue } from './json-value.ts'

/**
 * Kubernetes leaves a field out when it holds nothing: '', 0, false, an empty list or map.
 * Fields for which that means something else than being absent are kept. These are the
 * optional scalars that are pointers in its Go types, by name.
 */
const kept = new Set(
  [
    'activeDeadlineSeconds allocateLoadBalancerNodePorts allowPrivilegeEscalation apiGroup',
    'appProtocol automountServiceAccountToken blockOwnerDeletion controller defaultMode',
    'deletionGracePeriodSeconds enableServiceLinks expirationSeconds fsGroup fsGroupChangePolicy',
    'gracePeriodSeconds hostProcess hostUsers hostnameOverride holderIdentity immutable',
    'internalTrafficPolicy ipFamilyPolicy ipMode leaseDurationSeconds leaseTransitions',
    'loadBalancerClass localhostProfile maxExpirationSeconds minDomains mode mountPropagation',
    'nodeAffinityPolicy nodeTaintsPolicy optional orphanDependents podGroupName preemptionPolicy',
    'preferredHolder priority privileged procMount propagationPolicy readOnlyRootFilesystem',
    'recursiveReadOnly recursiveReadOnlyMounts remainingItemCount resourceClaimName',
    'resourceClaimTemplateName runAsGroup runAsNonRoot runAsUser runAsUserName runtimeClassName',
    'seLinuxChangePolicy service setHostnameAsFQDN shareProcessNamespace signerName started',
    'stopSignal storageClassName strategy supplementalGroupsPolicy targetPort',
    'terminationGracePeriodSeconds tolerationSeconds trafficDistribution userNamespaces',
    'volumeAttributesClassName volumeMode',
  ]
    .join(' ')
    .split(' '),
)

/** The same for names that are pointers in some types only. */
const keptIn: Readonly<Record<string, readonly string[]>> = {
  'core/v1.ClientIPConfig': ['timeoutSeconds'],
  'core/v1.ClusterTrustBundleProjection': ['name'],
  'core/v1.Container': ['restartPolicy'],
  'core/v1.EphemeralContainer': ['restartPolicy'],
  'core/v1.HostPathVolumeSource': ['type'],
  'core/v1.NodeSwapStatus': ['capacity'],
  'core/v1.PodDNSConfigOption': ['value'],
  'core/v1.TypedObjectReference': ['namespace'],
  'meta/v1.Preconditions': ['resourceVersion', 'uid'],
}

/** Whether the optional field says something even where it holds nothing. */
export function keepsZero(typeName: string, field: string): boolean {
  return kept.has(field) || (keptIn[typeName]?.includes(field) ?? false)
}

/** '', 0, false, an empty list, an empty map. */
export function isZero(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return !value
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0
}
