import { apiVersion, verbsOf, type Kind } from '../../src/apiserver/kind/kind.ts'
import { kindsOf } from '../../src/apiserver/kinds/all-kinds.ts'
import { hasType } from '../../src/apiserver/schema/object-type.ts'

/** A place that takes bodies of a type. */
export interface Place {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly apiVersion: string
  readonly kind: string
}

const kinds = kindsOf('1.36')

function collectionOf({ group, version, namespaced, plural }: Kind): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return `${root}${namespaced ? '/namespaces/default' : ''}/${plural}`
}

function ownBody(kind: Kind) {
  return { type: kind.type, apiVersion: apiVersion(kind), kind: kind.kind }
}

/** Every collection that can be posted to, and every object and subresource with a body. */
export const places: readonly Place[] = kinds.flatMap((kind): readonly Place[] => {
  const collection = collectionOf(kind)
  const own = ownBody(kind)
  const options = { type: 'meta/v1.DeleteOptions', apiVersion: 'v1', kind: 'DeleteOptions' }
  const verbs = verbsOf(kind)
  return [
    ...(verbs.includes('create') ? [{ ...own, method: 'POST', path: collection }] : []),
    ...(verbs.includes('update') ? [{ ...own, method: 'PUT', path: `${collection}/a` }] : []),
    ...(verbs.includes('delete')
      ? [{ ...options, method: 'DELETE', path: `${collection}/x` }]
      : []),
    ...(kind.subresources ?? []).flatMap(({ name, verbs, responseKind }) => {
      const body = responseKind === undefined ? own : bodyOf(responseKind)
      const place = { ...body, path: `${collection}/a/${name}` }
      return [
        ...(verbs.includes('create') ? [{ ...place, method: 'POST' }] : []),
        ...(verbs.includes('update') ? [{ ...place, method: 'PUT' }] : []),
      ]
    }),
  ]
})

/** Every object `a`, and every subresource of it, that can be patched. */
export const patchPlaces: readonly Place[] = kinds.flatMap((kind): readonly Place[] => {
  const path = `${collectionOf(kind)}/a`
  const place = { ...ownBody(kind), method: 'PATCH' }
  const parts = (kind.subresources ?? []).filter((one) => one.verbs.includes('patch'))
  return [
    ...(verbsOf(kind).includes('patch') ? [{ ...place, path }] : []),
    ...parts.map(({ name }) => ({ ...place, path: `${path}/${name}` })),
  ]
})

/** Every collection that can be listed. */
export const listPaths: readonly string[] = kinds
  .filter((kind) => kind.computed === undefined && verbsOf(kind).includes('list'))
  .map(collectionOf)

/** `policy/v1.Eviction` for policy/v1 Eviction; options of streams have no body. */
function bodyOf(gvk: { readonly group: string; readonly version: string; readonly kind: string }) {
  const name = `${gvk.group.split('.')[0] || 'core'}/${gvk.version}.${gvk.kind}`
  const type = hasType(name) ? name : 'meta/v1.DeleteOptions'
  return { type, apiVersion: apiVersion(gvk), kind: gvk.kind }
}
