import { invalid as invalidField, type FieldError } from '../../domain/field-error.ts'
import type { Call } from '../call.ts'
import type { Kind } from '../kind/kind.ts'
import type { KubeObject } from '../kube-object.ts'
import { finalizerErrors } from '../meta/validate-meta.ts'
import type { Accept } from '../rest/change.ts'
import { forbidden, invalid } from '../status-error.ts'
import { namespaceColumns } from '../table/columns/plain-kinds.ts'
import { partialSubresource, statusSubresource } from './status-subresource.ts'

/** Held by every namespace until its content is gone. */
const finalizer = 'kubernetes'
const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public'])
/** On every namespace, so that selectors can name it. */
const nameLabel = 'kubernetes.io/metadata.name'

interface Namespace extends KubeObject {
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly status?: { readonly phase?: string }
}

export const namespaces: Kind = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  naming: 'label',
  type: 'core/v1.Namespace',
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [
    { ...partialSubresource('finalize', acceptFinalize), verbs: ['update'] },
    statusSubresource,
  ],
  columns: namespaceColumns,
  selectable: { 'status.phase': (object) => (object as Namespace).status?.phase ?? '' },
  hasStatus: true,
  applyDefaults: withNameLabel,
  prepareCreate: (object) => ({
    ...object,
    spec: { finalizers: [...new Set([...finalizersOf(object), finalizer])] },
    status: { phase: 'Active' },
  }),
  prepareUpdate: (old, submitted) => ({ ...submitted, spec: old.spec }),
  validateCreate: checkFinalizers,
  validateStatus: validatePhase,
  admitDelete: refuseImmortal,
  isHeld: (object) =>
    (object.metadata.finalizers ?? []).length > 0 || finalizersOf(object).length > 0,
  prepareDelete: (object) => ({
    ...object,
    status: { ...(object as Namespace).status, phase: 'Terminating' },
  }),
}

function finalizersOf(object: KubeObject): readonly string[] {
  return (object as Namespace).spec?.finalizers ?? []
}

function checkFinalizers(object: KubeObject): readonly FieldError[] {
  return finalizersOf(object).flatMap((name, index) =>
    finalizerErrors(`spec.finalizers[${index}]`, name),
  )
}

/** Whether it is going away is told by its deletionTimestamp alone. */
function validatePhase(old: KubeObject, submitted: KubeObject): readonly FieldError[] {
  const { phase = '' } = (submitted as Namespace).status ?? {}
  const isLeaving = old.metadata.deletionTimestamp !== undefined
  const [only, when] = isLeaving ? ['Terminating', 'not empty'] : ['Active', 'empty']
  if (phase === only) return []
  return [
    invalidField(
      'status.Phase',
      phase,
      `may only be '${only}' if \`deletionTimestamp\` is ${when}`,
    ),
  ]
}

/** The one way to change spec.finalizers; without any a namespace that is being deleted goes at once. */
function acceptFinalize(...[call, old, submitted]: Parameters<Accept>): KubeObject {
  const finalizers = finalizersOf(submitted)
  const errors = checkFinalizers(submitted)
  if (errors.length > 0) throw invalid(call.target.kind, old.metadata.name, errors)
  return { ...old, spec: finalizers.length === 0 ? {} : { finalizers } }
}

/** The namespace once its content is gone; others may hold it still. */
export function withoutFinalizer(object: KubeObject): KubeObject {
  const others = finalizersOf(object).filter((one) => one !== finalizer)
  return { ...object, spec: others.length === 0 ? {} : { finalizers: others } }
}

function withNameLabel(object: KubeObject): KubeObject {
  const { metadata } = object
  if (metadata.labels?.[nameLabel] === metadata.name) return object
  const labels = { ...metadata.labels, [nameLabel]: metadata.name }
  return { ...object, metadata: { ...metadata, labels } }
}

function refuseImmortal(object: KubeObject, call: Call): void {
  if (!immortal.has(object.metadata.name)) return
  throw forbidden(call.target.kind, object.metadata.name, 'this namespace may not be deleted')
}
