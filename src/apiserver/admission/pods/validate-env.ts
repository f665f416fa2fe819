import { invalid, notSupported, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkName, configKey, dnsSubdomain, envName } from '../name-rules.ts'

/** The environment of one container: env and envFrom. */
export function validateEnv(container: JsonObject, path: string): readonly FieldError[] {
  return [
    ...objectsAt(container, 'env').flatMap((entry, index) =>
      validateVariable(entry, `${path}.env[${index}]`),
    ),
    ...objectsAt(container, 'envFrom').flatMap((source, index) =>
      validateSource(source, `${path}.envFrom`, index),
    ),
  ]
}

function validateVariable(entry: JsonObject, path: string): readonly FieldError[] {
  const name = textAt(entry, 'name')
  const from = objectAt(entry, 'valueFrom')
  return [
    ...(name === '' ? [required(`${path}.name`)] : checkName(`${path}.name`, name, envName)),
    ...(from ? validateValueFrom(from, textAt(entry, 'value'), `${path}.valueFrom`) : []),
  ]
}

const sources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef']

function validateValueFrom(from: JsonObject, value: string, path: string): readonly FieldError[] {
  const given = sources.filter((source) => objectAt(from, source))
  const errors = given.flatMap((source) =>
    validateReference(source, objectAt(from, source) ?? {}, `${path}.${source}`),
  )
  return [...errors, ...oneSource(given.length, value, path)]
}

function oneSource(count: number, value: string, path: string): readonly FieldError[] {
  if (count === 0) {
    const choices = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'
    return [invalid(path, '', `must specify one of: ${choices}`)]
  }
  if (value !== '') return [invalid(path, '', 'may not be specified when `value` is not empty')]
  return count > 1
    ? [invalid(path, '', 'may not have more than one field specified at a time')]
    : []
}

function validateReference(
  source: string,
  reference: JsonObject,
  path: string,
): readonly FieldError[] {
  switch (source) {
    case 'fieldRef':
      return validateFieldReference(reference, path)
    case 'resourceFieldRef':
      return validateResourceReference(reference, path)
    default:
      return validateKeyReference(reference, path)
  }
}

const fieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
]

function validateFieldReference(reference: JsonObject, path: string): readonly FieldError[] {
  const isKeyed = (field: string) => /^metadata\.(annotations|labels)\['.*'\]$/.test(field)
  return validateChoice(textAt(reference, 'fieldPath'), `${path}.fieldPath`, fieldPaths, isKeyed)
}

const resourcePaths = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
]

function validateResourceReference(reference: JsonObject, path: string): readonly FieldError[] {
  const isPages = (resource: string) => /^(requests|limits)\.hugepages-/.test(resource)
  return validateChoice(textAt(reference, 'resource'), `${path}.resource`, resourcePaths, isPages)
}

function validateChoice(
  value: string,
  path: string,
  known: readonly string[],
  isFree: (value: string) => boolean,
): readonly FieldError[] {
  if (value === '') return [required(path)]
  return isFree(value) || known.includes(value) ? [] : [notSupported(path, value, known)]
}

function validateKeyReference(reference: JsonObject, path: string): readonly FieldError[] {
  const key = textAt(reference, 'key')
  return [
    ...checkName(`${path}.name`, textAt(reference, 'name'), dnsSubdomain),
    ...(key === '' ? [required(`${path}.key`)] : checkName(`${path}.key`, key, configKey)),
  ]
}

function validateSource(source: JsonObject, path: string, index: number): readonly FieldError[] {
  const prefix = textAt(source, 'prefix')
  const given = ['configMapRef', 'secretRef'].filter((key) => objectAt(source, key))
  const names = given.flatMap((key) => {
    const name = textAt(objectAt(source, key) ?? {}, 'name')
    const field = `${path}[${index}].${key}.name`
    return name === '' ? [required(field)] : checkName(field, name, dnsSubdomain)
  })
  return [
    ...(prefix === '' ? [] : checkName(`${path}[${index}].prefix`, prefix, envName)),
    ...names,
    ...(given.length === 0
      ? [invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`')]
      : []),
    ...(given.length > 1
      ? [invalid(path, '', 'may not have more than one field specified at a time')]
      : []),
  ]
}
