import { forbidden, invalid, required, type FieldError } from '../../domain/resize/field-error.ts'
import { validateLabels } from '../admission/validate-labels.ts'
import { qualifiedNameProblems } from '../../domain/label-syntax.ts'
import type { KubeMeta, KubeObject } from '../kube-object.ts'
import type { Kind } from '../kinds/kind.ts'
import { ownerErrors } from './owners.ts'
import { foregroundFinalizer, orphanFinalizer } from './propagation.ts'

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const labelPattern = new RegExp(`^${label}$`)
const subdomainPattern = new RegExp(`^${subdomain}$`)

const labelText = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`
const subdomainText = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`

const annotationsLimit = 256 * 1024

/** What every kind's metadata must hold: name, labels, annotations, owners, finalizers. */
export function validateMeta(kind: Kind, meta: KubeMeta): readonly FieldError[] {
  return [
    ...nameErrors(kind, meta),
    ...validateLabels(meta.labels ?? {}, 'metadata.labels'),
    ...annotationErrors(meta.annotations),
    ...ownerErrors(meta),
    ...finalizerErrors(meta.finalizers),
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
  const { name } = meta
  if (name === undefined || name === '') {
    return [required('metadata.name', 'name or generateName is required')]
  }
  return nameProblems(kind.naming ?? 'subdomain', name).map((text) =>
    invalid('metadata.name', name, text),
  )
}

function nameProblems(naming: NonNullable<Kind['naming']>, name: string): readonly string[] {
  switch (naming) {
    case 'label':
      return [
        ...(name.length > 63 ? ['must be no more than 63 characters'] : []),
        ...(labelPattern.test(name) ? [] : [labelText]),
      ]
    case 'subdomain':
      return [
        ...(name.length > 253 ? ['must be no more than 253 characters'] : []),
        ...(subdomainPattern.test(name) ? [] : [subdomainText]),
      ]
    case 'path':
      return name === '.' || name === '..'
        ? [`may not be '${name}'`]
        : ['/', '%']
            .filter((text) => name.includes(text))
            .map((text) => `may not contain '${text}'`)
    default:
      return naming satisfies never
  }
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

function finalizerErrors(finalizers: KubeMeta['finalizers'] = []): readonly FieldError[] {
  const field = 'metadata.finalizers'
  const errors = finalizers.flatMap((finalizer) => keyErrors(field, finalizer))
  if (finalizers.includes(orphanFinalizer) && finalizers.includes(foregroundFinalizer)) {
    const why = `finalizer ${orphanFinalizer} and ${foregroundFinalizer} cannot be both set`
    errors.push(invalid(field, finalizers, why))
  }
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || plainFinalizers.has(finalizer)) continue
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalid(`${field}[${index}]`, finalizer, why))
  }
  return errors
}

/** Checks `prefix/name`, the form of label keys, annotation keys and finalizers. */
function keyErrors(field: string, key: string, checked = key): readonly FieldError[] {
  return qualifiedNameProblems(checked).map((text) => invalid(field, key, text))
}
