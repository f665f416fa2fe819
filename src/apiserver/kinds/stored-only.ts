import { validateConfigMap, validateConfigMapUpdate } from '../admission/validate-config-map.ts'
import { validateLease } from '../admission/validate-lease.ts'
import { validateSecret, validateSecretUpdate } from '../admission/validate-secret.ts'
import { requestToken, tokenRequestKind } from '../auth/token-request.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { isJsonObject } from '../schema/json-value.ts'
import {
  configMapColumns,
  leaseColumns,
  secretColumns,
  serviceAccountColumns,
} from '../table/columns/plain-kinds.ts'

/** Kinds that podfit keeps for its clients and does nothing with. */

const core = { group: '', version: 'v1', namespaced: true } as const

export const configMaps: Kind = {
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  type: 'core/v1.ConfigMap',
  columns: configMapColumns,
  validateCreate: validateConfigMap,
  validateUpdate: validateConfigMapUpdate,
}

export const secrets: Kind = {
  ...core,
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  type: 'core/v1.Secret',
  columns: secretColumns,
  selectable: { type: (object) => (object as Secret).type ?? '' },
  applyDefaults: (object) =>
    withEncodedData({ ...object, type: (object as Secret).type || 'Opaque' }),
  validateCreate: validateSecret,
  validateUpdate: validateSecretUpdate,
}

export const serviceAccounts: Kind = {
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  type: 'core/v1.ServiceAccount',
  columns: serviceAccountColumns,
  subresources: [
    {
      name: 'token',
      verbs: ['create'],
      responseKind: tokenRequestKind,
      type: 'authentication/v1.TokenRequest',
      handle: requestToken,
    },
  ],
  answersDeleted: true,
}

export const leases: Kind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  namespaced: true,
  kind: 'Lease',
  plural: 'leases',
  singular: 'lease',
  type: 'coordination/v1.Lease',
  columns: leaseColumns,
  createOnUpdate: true,
  unconditionalUpdate: false,
  validateCreate: validateLease,
  validateUpdate: (_old, submitted) => validateLease(submitted),
}

interface Secret extends KubeObject {
  readonly type?: string
  readonly data?: unknown
  readonly stringData?: unknown
}

/** `stringData` is only a way to write `data`. */
function withEncodedData(object: Secret): Secret {
  const { stringData, ...rest } = object
  if (!isJsonObject(stringData)) return object
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(typeof value === 'string' ? value : '').toString('base64'),
  ])
  const data = isJsonObject(object.data) ? object.data : {}
  return { ...rest, data: { ...data, ...Object.fromEntries(encoded) } }
}
