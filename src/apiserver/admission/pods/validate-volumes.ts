import {
  duplicate,
  forbidden,
  notSupported,
  required,
  type FieldError,
} from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectType } from '../../schema/object-type.ts'
import { objectAt, objectsAt, textAt } from '../../schema/read-json.ts'
import { checkName, dnsLabel } from '../name-rules.ts'
import { checkNoBacksteps } from './validate-mounts.ts'
import { fileVolumes } from './validate-volume-files.ts'

export interface CheckedVolumes {
  readonly errors: readonly FieldError[]
  /** Names of the volumes without errors: the ones that can be mounted. */
  readonly names: ReadonlySet<string>
}

export function validateVolumes(spec: JsonObject): CheckedVolumes {
  const names = new Set<string>()
  const errors: FieldError[] = []
  for (const [index, volume] of objectsAt(spec, 'volumes').entries()) {
    const path = `spec.volumes[${index}]`
    const name = textAt(volume, 'name')
    const found = [
      ...validateSource(volume, path),
      ...(name === '' ? [required(`${path}.name`)] : checkName(`${path}.name`, name, dnsLabel)),
      ...(names.has(name) ? [duplicate(`${path}.name`, name)] : []),
    ]
    if (found.length === 0) names.add(name)
    errors.push(...found)
  }
  return { errors, names }
}

function validateSource(volume: JsonObject, path: string): readonly FieldError[] {
  const sources = [...objectType('core/v1.Volume').fields.keys()].filter((key) =>
    objectAt(volume, key),
  )
  const [first, ...others] = sources
  if (first === undefined) return [required(path, 'must specify a volume type')]
  return [
    ...validateOne(first, objectAt(volume, first) ?? {}, `${path}.${first}`),
    ...others.map((source) =>
      forbidden(`${path}.${source}`, 'may not specify more than 1 volume type'),
    ),
  ]
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

function validateOne(name: string, source: JsonObject, path: string): readonly FieldError[] {
  switch (name) {
    case 'emptyDir':
      return textAt(source, 'sizeLimit').startsWith('-')
        ? [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')]
        : []
    case 'hostPath':
      return validateHostPath(source, path)
    case 'persistentVolumeClaim':
      return textAt(source, 'claimName') === '' ? [required(`${path}.claimName`)] : []
    default:
      return fileVolumes[name]?.(source, path) ?? []
  }
}

function validateHostPath(source: JsonObject, path: string): readonly FieldError[] {
  const hostPath = textAt(source, 'path')
  if (hostPath === '') return [required(`${path}.path`)]
  const type = textAt(source, 'type')
  return [
    ...checkNoBacksteps(`${path}.path`, hostPath),
    ...(hostPathTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, hostPathTypes)]),
  ]
}
