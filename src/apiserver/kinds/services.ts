import type { KubeObject } from '../kube-object.ts'
import { chargeQuotas } from '../quota/charge.ts'
import { allocate } from '../services/allocate.ts'
import { keepAllocated } from '../services/keep-allocated.ts'
import { defaultService } from '../services/service-defaults.ts'
import { validateService, validateServiceUpdate } from '../services/validate-service.ts'
import { serviceColumns } from '../table/columns/service.ts'
import type { Kind } from './kind.ts'
import { statusSubresource } from './status-subresource.ts'

/** Kept with all that clients look for in them; nothing is routed to their addresses. */
export const services: Kind = {
  group: '',
  version: 'v1',
  namespaced: true,
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  naming: 'label',
  type: 'core/v1.Service',
  subresources: [statusSubresource],
  columns: serviceColumns,
  hasStatus: true,
  answersDeleted: true,
  applyDefaults: defaultService,
  prepareCreate: (object): KubeObject => ({ ...object, status: { loadBalancer: {} } }),
  prepareUpdate: (old, submitted) => defaultService(keepAllocated(old, submitted)),
  validateCreate: validateService,
  validateUpdate: validateServiceUpdate,
  allocate,
  admitUpdate: (old, object, call) => chargeQuotas(call, object, old),
}
