import { canonicalList } from '../../domain/resize/request/defaults.ts'
import { defaultLimitRange, type LimitRange } from '../admission/quota/limit-range.ts'
import { validateLimitRange } from '../admission/quota/validate-limit-range.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { limitRangeColumns } from '../table/columns/plain-kinds.ts'

export const limitRanges: Kind = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  namespaced: true,
  type: 'core/v1.LimitRange',
  columns: limitRangeColumns,
  applyDefaults: (object) => ({
    ...object,
    ...defaultLimitRange(withCanonicalLists(asLimitRange(object))),
  }),
  validateCreate: (object) => validateLimitRange(asLimitRange(object)),
  validateUpdate: (_old, submitted) => validateLimitRange(asLimitRange(submitted)),
}

const lists = ['default', 'defaultRequest', 'max', 'maxLimitRequestRatio', 'min'] as const

function withCanonicalLists(range: LimitRange): LimitRange {
  const limits = (range.spec?.limits ?? []).map((item) => {
    const canonical = lists.map((name) => [name, item[name] && canonicalList(item[name])])
    return { ...item, ...Object.fromEntries(canonical.filter(([, list]) => list !== undefined)) }
  })
  return { ...range, spec: { ...range.spec, limits } }
}

function asLimitRange(object: KubeObject): LimitRange {
  return object as unknown as LimitRange
}
