import { invalid, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { hasValue, numberAt, objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkDescending } from './validate-mounts.ts'

type CheckSource = (source: JsonObject, path: string) => readonly FieldError[]

/** The volumes that hold files which the node writes: where they lie there, and with which mode. */
export const fileVolumes: Readonly<Record<string, CheckSource>> = {
  configMap: (source, path) => [
    ...checkNamed(source, 'name', path),
    ...checkMode(source, 'defaultMode', path),
    ...checkKeys(source, path),
  ],
  secret: (source, path) => [
    ...checkNamed(source, 'secretName', path),
    ...checkMode(source, 'defaultMode', path),
    ...checkKeys(source, path),
  ],
  downwardAPI: (source, path) => [
    ...checkMode(source, 'defaultMode', path),
    ...checkFields(source, path),
  ],
  projected: (source, path) => [
    ...checkMode(source, 'defaultMode', path),
    ...objectsAt(source, 'sources').flatMap((part, index) =>
      checkProjection(part, `${path}.sources[${index}]`),
    ),
    ...refuseSamePaths(source, path),
  ],
}

function checkNamed(source: JsonObject, key: string, path: string): readonly FieldError[] {
  return textAt(source, key) === '' ? [required(`${path}.${key}`)] : []
}

function checkMode(source: JsonObject, key: string, path: string): readonly FieldError[] {
  const mode = numberAt(source, key)
  if (!hasValue(source, key) || (mode >= 0 && mode <= 0o777)) return []
  const why = 'must be a number between 0 and 0777 (octal), both inclusive'
  return [invalid(`${path}.${key}`, mode, why)]
}

/** A path below the volume, and none of those that the node keeps its versions in. */
function checkPath(item: JsonObject, path: string): readonly FieldError[] {
  const [field, file] = [`${path}.path`, textAt(item, 'path')]
  if (file === '') return [required(field)]
  const isReserved = file.startsWith('..') && !file.startsWith('../') && file !== '..'
  return [
    ...checkDescending(field, file),
    ...(isReserved ? [invalid(field, file, "must not start with '..'")] : []),
  ]
}

/** @see Kubernetes validation.go, validateKeyToPath */
function checkKeys(source: JsonObject, path: string): readonly FieldError[] {
  return objectsAt(source, 'items').flatMap((item, index) => {
    const at = `${path}.items[${index}]`
    return [...checkNamed(item, 'key', at), ...checkPath(item, at), ...checkMode(item, 'mode', at)]
  })
}

/** Kubernetes leaves the index out. @see Kubernetes validation.go, validateDownwardAPIVolumeFile */
function checkFields(source: JsonObject, path: string): readonly FieldError[] {
  return objectsAt(source, 'items').flatMap((item) => {
    const [field, resource] = [hasValue(item, 'fieldRef'), hasValue(item, 'resourceFieldRef')]
    const both = 'fieldRef and resourceFieldRef can not be specified simultaneously'
    return [
      ...checkPath(item, path),
      ...(field && resource ? [invalid(path, 'resource', both)] : []),
      ...(field || resource
        ? []
        : [required(path, 'one of fieldRef and resourceFieldRef is required')]),
      ...checkMode(item, 'mode', path),
    ]
  })
}

/** @see Kubernetes validation.go, validateProjectionSources */
function checkProjection(part: JsonObject, path: string): readonly FieldError[] {
  const [secret, map, fields, token] = parts.map((key) => objectAt(part, key))
  return [
    ...(secret ? checkProjected(secret, `${path}.secret`) : []),
    ...(map ? checkProjected(map, `${path}.configMap`) : []),
    ...(fields ? checkFields(fields, `${path}.downwardAPI`) : []),
    ...(token ? checkToken(token, `${path}.serviceAccountToken`) : []),
  ]
}

const parts = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const

function checkProjected(source: JsonObject, path: string): readonly FieldError[] {
  return [...checkNamed(source, 'name', path), ...checkKeys(source, path)]
}

function checkToken(token: JsonObject, path: string): readonly FieldError[] {
  const [field, seconds] = [`${path}.expirationSeconds`, numberAt(token, 'expirationSeconds')]
  const isGiven = hasValue(token, 'expirationSeconds')
  return [
    ...(isGiven && seconds < 600
      ? [invalid(field, seconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(seconds > 2 ** 32
      ? [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...checkPath(token, path),
  ]
}

function refuseSamePaths(source: JsonObject, path: string): readonly FieldError[] {
  const seen = new Set<string>()
  return objectsAt(source, 'sources').flatMap((part) =>
    parts.flatMap((key) => {
      const from = objectAt(part, key)
      const files = from === undefined ? [] : [from, ...objectsAt(from, 'items')]
      return files.flatMap((file) => {
        const [at, name] = [textAt(file, 'path'), textAt(from ?? {}, 'name')]
        const isRepeated = at !== '' && seen.has(at)
        seen.add(at)
        return isRepeated ? [invalid(path, name || at, 'conflicting duplicate paths')] : []
      })
    }),
  )
}
