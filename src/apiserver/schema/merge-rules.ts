/** How a list merges under a strategic merge patch and under server-side apply. */
export interface MergeRule {
  /** The field that tells the list's items apart; absent for a list of scalars (a set). */
  readonly key?: string
  /** All fields that tell items apart under server-side apply. @default [key] */
  readonly applyKeys?: readonly string[]
  /** Items are unions: kubectl sends $retainKeys so that the old member goes. */
  readonly retainKeys?: true
}

const byName: MergeRule = { key: 'name' }
const byType: MergeRule = { key: 'type' }
const byIp: MergeRule = { key: 'ip' }

const containerLists: Record<string, MergeRule> = {
  env: byName,
  ports: { key: 'containerPort', applyKeys: ['containerPort', 'protocol'] },
  volumeDevices: { key: 'devicePath' },
  volumeMounts: { key: 'mountPath' },
}

const rules: Record<string, Record<string, MergeRule>> = {
  'core/v1.Container': containerLists,
  'core/v1.EphemeralContainer': containerLists,
  'core/v1.NamespaceStatus': { conditions: byType },
  'core/v1.NodeSpec': { podCIDRs: {} },
  'core/v1.NodeStatus': { addresses: byType, conditions: byType },
  'core/v1.PodSpec': {
    containers: byName,
    ephemeralContainers: byName,
    hostAliases: byIp,
    imagePullSecrets: byName,
    initContainers: byName,
    resourceClaims: { key: 'name', retainKeys: true },
    schedulingGates: byName,
    topologySpreadConstraints: {
      key: 'topologyKey',
      applyKeys: ['topologyKey', 'whenUnsatisfiable'],
    },
    volumes: { key: 'name', retainKeys: true },
  },
  'core/v1.PodStatus': {
    conditions: byType,
    hostIPs: byIp,
    podIPs: byIp,
    resourceClaimStatuses: { key: 'name', retainKeys: true },
  },
  'core/v1.ServiceAccount': { secrets: byName },
  'core/v1.ServiceSpec': { ports: { key: 'port', applyKeys: ['port', 'protocol'] } },
  'core/v1.ServiceStatus': { conditions: byType },
  'meta/v1.ObjectMeta': { finalizers: {}, ownerReferences: { key: 'uid' } },
}

/**
 * The rule for the list `field` of the type `typeName`; undefined where the list is
 * replaced as a whole, as tolerations, taints, args and resizePolicy are.
 */
export function mergeRule(typeName: string, field: string): MergeRule | undefined {
  return rules[typeName]?.[field]
}
