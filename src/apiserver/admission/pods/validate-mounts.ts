import { invalid, notFound, required, type FieldError } from '../../../domain/field-error.ts'
import type { JsonObject } from '../../schema/json-value.ts'
import { objectsAt, textAt } from '../../schema/read-json.ts'

/** The volume mounts of one container; `volumes` are the names of the pod's valid volumes. */
export function validateMounts(
  container: JsonObject,
  volumes: ReadonlySet<string>,
  path: string,
): readonly FieldError[] {
  const paths = new Set<string>()
  return objectsAt(container, 'volumeMounts').flatMap((mount, index) => {
    const [name, mountPath] = [textAt(mount, 'name'), textAt(mount, 'mountPath')]
    const at = `${path}.volumeMounts[${index}]`
    const taken = paths.has(mountPath)
    paths.add(mountPath)
    return [
      ...(name === '' ? [required(`${at}.name`)] : []),
      ...(volumes.has(name) ? [] : [notFound(`${at}.name`, name)]),
      ...(mountPath === '' ? [required(`${at}.mountPath`)] : []),
      ...(taken ? [invalid(`${at}.mountPath`, mountPath, 'must be unique')] : []),
      // Kubernetes leaves the index out of these two paths.
      ...checkDescending(`${path}.volumeMounts.subPath`, textAt(mount, 'subPath')),
      ...checkDescending(`${path}.volumeMounts.subPathExpr`, textAt(mount, 'subPathExpr')),
    ]
  })
}

/** A path that stays below where it starts; an empty one is none. */
export function checkDescending(field: string, path: string): readonly FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...checkNoBacksteps(field, path),
  ]
}

export function checkNoBacksteps(field: string, path: string): readonly FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []
}
