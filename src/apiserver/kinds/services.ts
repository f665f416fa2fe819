import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { chargeQuotas } from '../quota/charge.ts'
import { textAt } from '../schema/read-json.ts'
import { allocate } from '../services/allocate.ts'
import { withNewAddresses } from '../services/ip-families.ts'
import { keepAllocated } from '../services/keep-allocated.ts'
import { defaultService } from '../services/service-defaults.ts'
import { serviceSpec, withServiceSpec } from '../services/service-view.ts'
import { validateService, validateServiceUpdate } from '../services/validate-service.ts'
import { serviceColumns } from '../table/columns/service.ts'
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
  selectable: {
    'spec.clusterIP': (object) => textAt(serviceSpec(object), 'clusterIP'),
    'spec.type': (object) => textAt(serviceSpec(object), 'type'),
  },
  hasStatus: true,
  answersDeleted: true,
  applyDefaults: defaultService,
  prepareCreate: (object): KubeObject => ({
    ...withServiceSpec(object, withNewAddresses(serviceSpec(object))),
    status: { loadBalancer: {} },
  }),
  prepareUpdate: (old, submitted) => defaultService(keepAllocated(old, submitted)),
  validateCreate: validateService,
  validateUpdate: validateServiceUpdate,
  allocate,
  admitUpdate: (old, object, call) => chargeQuotas(call, object, old),
}
