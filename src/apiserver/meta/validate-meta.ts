import { forbidden, invalid, required, type FieldError } from '../../domain/field-error.ts'
import {
  checkName,
  dnsLabel,
  dnsSubdomain,
  pathSegment,
  type NameRule,
} from '../admission/name-rules.ts'
import { validateLabels } from '../admission/validate-labels.ts'
import { qualifiedNameProblems } from '../../domain/labels/label-syntax.ts'
import type { KubeMeta, KubeObject } from '../kube-object.ts'
import type { Kind } from '../kind/kind.ts'
import { ownerErrors } from './owners.ts'
import { foregroundFinalizer, orphanFinalizer } from './propagation.ts'

const annotationsLimit = 256 * 1024

/** What every kind's metadata must hold: name, labels, annotations, owners, finalizers. */
export function validateMeta(kind: Kind, meta: KubeMeta): readonly FieldError[] {
  return [
    ...nameErrors(kind, meta),
    ...validateLabels(meta.labels ?? {}, 'metadata.labels'),
    ...annotationErrors(meta.annotations),
    ...ownerErrors(meta),
    ...finalizersErrors(meta.finalizers),
  ]
}

/** What an update may not do to metadata. */
export function validateMetaUpdate(old: KubeObject, submitted: KubeMeta): readonly FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['creationTimestamp', 'deletionTimestamp'] as const) {
    const value = submitted[field]
    if (value !== undefined && value !== null && value !== old.metadata[field]) {
      errors.push(invalid(`metadata.${field}`, value, 'field is immutable'))
    }
  }
  if (old.metadata.deletionTimestamp === undefined) return errors
  const before = new Set(old.metadata.finalizers)
  const added = (submitted.finalizers ?? []).filter((finalizer) => !before.has(finalizer))
  if (added.length > 0) {
    const list = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`
    errors.push(
      forbidden(
        'metadata.finalizers',
        `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`,
      ),
    )
  }
  return errors
}

function nameErrors(kind: Kind, meta: KubeMeta): readonly FieldError[] {
  const name = meta.name ?? ''
  return name === ''
    ? [required('metadata.name', 'name or generateName is required')]
    : checkName('metadata.name', name, ruleOf(kind))
}

/** What a new object's generateName must hold. A dash at the end is right: more will follow. */
export function validateGenerateName(
  kind: Kind,
  { generateName = '' }: KubeMeta,
): readonly FieldError[] {
  if (generateName === '') return []
  const problems = ruleOf(kind)(generateName.replace(/.-$/, 'a'))
  return problems.map((problem) => invalid('metadata.generateName', generateName, problem))
}

const nameRules: Readonly<Record<NonNullable<Kind['naming']>, NameRule>> = {
  label: dnsLabel,
  path: pathSegment,
  subdomain: dnsSubdomain,
}

function ruleOf({ naming = 'subdomain' }: Kind): NameRule {
  return nameRules[naming]
}

function annotationErrors(annotations: KubeMeta['annotations']): readonly FieldError[] {
  if (annotations === undefined) return []
  const errors: FieldError[] = []
  let size = 0
  for (const [key, value] of Object.entries(annotations)) {
    errors.push(...keyErrors('metadata.annotations', key, key.toLowerCase()))
    size += key.length + value.length
  }
  if (size > annotationsLimit) {
    errors.push({
      field: 'metadata.annotations',
      kind: 'tooLong',
      detail: `may not be more than ${annotationsLimit} bytes`,
    })
  }
  return errors
}

/** The names without a prefix are Kubernetes' own. */
const plainFinalizers = new Set(['kubernetes', orphanFinalizer, foregroundFinalizer])

function finalizersErrors(finalizers: KubeMeta['finalizers'] = []): readonly FieldError[] {
  const field = 'metadata.finalizers'
  const both = finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)
  const why = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`
  return [
    ...finalizers.flatMap((finalizer) => keyErrors(field, finalizer)),
    ...(both ? [invalid(field, finalizers, why)] : []),
    ...finalizers.flatMap((finalizer, index) => plainErrors(`${field}[${index}]`, finalizer)),
  ]
}

/** What is wrong with the name of a finalizer that does not stand in metadata. */
export function finalizerErrors(field: string, finalizer: string): readonly FieldError[] {
  return [...keyErrors(field, finalizer), ...plainErrors(field, finalizer)]
}

function plainErrors(field: string, finalizer: string): readonly FieldError[] {
  if (finalizer.includes('/') || plainFinalizers.has(finalizer)) return []
  const why = 'name is neither a standard finalizer name nor is it fully qualified'
  return [invalid(field, finalizer, why)]
}

/** Checks `prefix/name`, the form of label keys, annotation keys and finalizers. */
function keyErrors(field: string, key: string, checked = key): readonly FieldError[] {
  return qualifiedNameProblems(checked).map((text) => invalid(field, key, text))
}
