import type { ResourceQuota } from '../admission/quota/resource-quota.ts'
import type { KubeObject } from '../kube-object.ts'

/** Where the store keeps them. */
export const quotas = 'resourcequotas'

export function asQuota(object: KubeObject): ResourceQuota {
  return object as unknown as ResourceQuota
}
