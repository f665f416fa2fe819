import { defaultVersion, parseKubeVersion } from '../../domain/kube-version.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { hasType } from '../schema/object-type.ts'
import type { GroupVersionKind, OpenApiKind } from './openapi-kind.ts'
import { operations } from './openapi-operations.ts'
import { openApiSchemas } from './openapi-schemas.ts'

/** Types of bodies that every group version takes or answers with. */
const commonTypes = ['meta/v1.DeleteOptions', 'meta/v1.Status', 'meta/v1.WatchEvent']

/**
 * The OpenAPI v3 document of one group version, in the form that kubectl reads: it finds a
 * kind by x-kubernetes-group-version-kind, merge keys by x-kubernetes-patch-merge-key and
 * what PATCH can do by the query parameters listed there.
 *
 * @param serverVersion such as `v1.36.0`.
 */
export function openApiDocument(kinds: readonly OpenApiKind[], serverVersion: string): JsonObject {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: Object.assign({}, ...kinds.map(operations)) as JsonObject,
    components: {
      schemas: schemasOf(kinds, serverVersion),
      securitySchemes: {
        BearerToken: { type: 'apiKey', in: 'header', name: 'authorization' },
      },
    },
  }
}

/**
 * The schemas of `kinds`, of their lists and of what can be posted to their subresources, with
 * the fields that the server's version has.
 */
export function schemasOf(kinds: readonly OpenApiKind[], serverVersion: string): JsonObject {
  const roots = [...kinds.flatMap(({ type }) => [type, `${type}List`]), ...commonTypes]
  const bodyTypes = kinds.flatMap(({ subresources = [] }) =>
    subresources.flatMap(({ type }) => (type === undefined ? [] : [type])),
  )
  const version = parseKubeVersion(serverVersion) ?? defaultVersion
  return openApiSchemas([...roots, ...bodyTypes].filter(hasType), kindsByType(kinds), version)
}

function kindsByType(
  kinds: readonly OpenApiKind[],
): (typeName: string) => readonly GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind[]>()
  const add = (typeName: string, kind: GroupVersionKind) => {
    found.set(typeName, [...(found.get(typeName) ?? []), kind])
  }
  for (const { group, version, kind, type, subresources = [] } of kinds) {
    add(type, { group, version, kind })
    add(`${type}List`, { group, version, kind: `${kind}List` })
    for (const { type: bodyType, responseKind } of subresources) {
      if (bodyType !== undefined && responseKind) add(bodyType, responseKind)
    }
  }
  add('meta/v1.Status', { group: '', version: 'v1', kind: 'Status' })
  const groupVersion = kinds[0]
  if (groupVersion) {
    const { group, version } = groupVersion
    add('meta/v1.DeleteOptions', { group, version, kind: 'DeleteOptions' })
    add('meta/v1.WatchEvent', { group, version, kind: 'WatchEvent' })
  }
  return (typeName) => found.get(typeName) ?? []
}
