import type { KubeResource } from './resource.ts'

/** One object, or one of its subresources. */
export interface ObjectAddress {
  readonly namespace?: string | undefined
  readonly name: string
  /** `status`, `resize`, `log`. */
  readonly subresource?: string | undefined
}

/** What a query parameter may be; `undefined` leaves it out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * The URL path of a collection. Without `namespace`: those of all namespaces.
 *
 * @throws TypeError as `objectPath`
 */
export function collectionPath(resource: KubeResource, namespace?: string): string {
  const { group, version, plural, namespaced } = resource
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  if (!namespaced || namespace === undefined) return `${root}/${plural}`
  return `${root}/namespaces/${segment(namespace)}/${plural}`
}

/**
 * The URL path of an object.
 *
 * @throws TypeError without a name, or without a namespace where the resource has one; for a name
 *   that would make another path of it: URLs leave `.` out, and with `..` what is before it.
 */
export function objectPath(resource: KubeResource, address: ObjectAddress): string {
  const { namespace, name, subresource } = address
  const missing = name === '' ? 'name' : resource.namespaced && !namespace ? 'namespace' : undefined
  if (missing !== undefined) {
    throw new TypeError(`Cannot address a ${resource.kind}: it must have a ${missing}`)
  }
  const path = `${collectionPath(resource, namespace)}/${segment(name)}`
  return subresource === undefined ? path : `${path}/${subresource}`
}

function segment(name: string): string {
  if (name !== '' && name !== '.' && name !== '..') return encodeURIComponent(name)
  throw new TypeError(`Cannot address '${name}': no object and no namespace has that name`)
}

/** `path` with its query. */
export function withQuery(path: string, query: Query): string {
  let text = ''
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue
    text += `${text === '' ? '?' : '&'}${key}=${encodeURIComponent(value)}`
  }
  return path + text
}
