import { canonicalList } from '../../domain/resize/request/defaults.ts'
import {
  validateQuota,
  validateQuotaStatus,
  validateQuotaUpdate,
} from '../admission/quota/validate-quota.ts'
import { resourceId, type Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { withStatus } from '../quota/follow-quotas.ts'
import { asQuota } from '../quota/quota-object.ts'
import { resourceQuotaColumns } from '../table/columns/plain-kinds.ts'
import { statusSubresource } from './status-subresource.ts'

export const resourceQuotas: Kind = {
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  type: 'core/v1.ResourceQuota',
  subresources: [statusSubresource],
  columns: resourceQuotaColumns,
  hasStatus: true,
  answersDeleted: true,
  applyDefaults: (object) => withCanonicalHard(object),
  // It holds from its first moment, so its status is there from the first moment, too.
  prepareCreate: (object, { server }) => {
    const namespaced = server.kinds.all().filter((kind) => kind.namespaced)
    return withStatus(server, [...new Set(namespaced.map(resourceId))], object)
  },
  validateCreate: (object) => validateQuota(asQuota(object)),
  validateUpdate: (old, submitted) => validateQuotaUpdate(asQuota(old), asQuota(submitted)),
  validateStatus: (_old, submitted) => validateQuotaStatus(asQuota(submitted)),
}

function withCanonicalHard(object: KubeObject): KubeObject {
  const { spec } = asQuota(object)
  if (spec?.hard === undefined) return object
  return { ...object, spec: { ...spec, hard: canonicalList(spec.hard) } }
}
