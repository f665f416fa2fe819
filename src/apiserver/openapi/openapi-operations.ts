import { patchTypes } from '../patch/patch-types.ts'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import type { GroupVersionKind, OpenApiKind } from './openapi-kind.ts'
import { openApiName, reference } from './openapi-names.ts'

type Parameter = readonly [name: string, type: 'string' | 'boolean' | 'integer']

const listParameters: readonly Parameter[] = [
  ['allowWatchBookmarks', 'boolean'],
  ['continue', 'string'],
  ['fieldSelector', 'string'],
  ['labelSelector', 'string'],
  ['limit', 'integer'],
  ['resourceVersion', 'string'],
  ['resourceVersionMatch', 'string'],
  ['sendInitialEvents', 'boolean'],
  ['timeoutSeconds', 'integer'],
  ['watch', 'boolean'],
]

const writeParameters: readonly Parameter[] = [
  ['dryRun', 'string'],
  ['fieldManager', 'string'],
  ['fieldValidation', 'string'],
]

const deleteParameters: readonly Parameter[] = [
  ['dryRun', 'string'],
  ['gracePeriodSeconds', 'integer'],
  ['orphanDependents', 'boolean'],
  ['propagationPolicy', 'string'],
]

/** kubectl looks for `force` here to learn whether the server can apply. */
const patchParameters: readonly Parameter[] = [...writeParameters, ['force', 'boolean']]

interface Shape {
  readonly method: string
  readonly action: string
  readonly parameters: readonly Parameter[]
  readonly body: 'none' | 'object' | 'patch' | 'deleteOptions'
}

const objectShapes: Readonly<Record<string, Shape>> = {
  get: { method: 'get', action: 'get', parameters: [], body: 'none' },
  update: { method: 'put', action: 'put', parameters: writeParameters, body: 'object' },
  patch: { method: 'patch', action: 'patch', parameters: patchParameters, body: 'patch' },
  delete: {
    method: 'delete',
    action: 'delete',
    parameters: deleteParameters,
    body: 'deleteOptions',
  },
}

const collectionShapes: Readonly<Record<string, Shape>> = {
  list: { method: 'get', action: 'list', parameters: listParameters, body: 'none' },
  create: { method: 'post', action: 'post', parameters: writeParameters, body: 'object' },
  deletecollection: {
    method: 'delete',
    action: 'deletecollection',
    parameters: [...deleteParameters, ...listParameters],
    body: 'deleteOptions',
  },
}

/** A subresource can be posted to: pods/binding, pods/eviction. */
const subresourceShapes: Readonly<Record<string, Shape>> = {
  ...objectShapes,
  create: { method: 'post', action: 'post', parameters: writeParameters, body: 'object' },
}

/** The paths of one kind with their operations. */
export function operations(kind: OpenApiKind): JsonObject {
  const collection = collectionPath(kind)
  const object = `${collection}/{name}`
  const paths: JsonObject = {}
  const add = (path: string, item: JsonObject | undefined) => {
    if (item) paths[path] = item
  }
  add(collection, pathItem(kind, kind.verbs, collectionShapes, kind.type, path(kind, false)))
  add(object, pathItem(kind, kind.verbs, objectShapes, kind.type, path(kind, true)))
  for (const subresource of kind.subresources ?? []) {
    const { name, verbs, responseKind = kind, type = kind.type } = subresource
    add(
      `${object}/${name}`,
      pathItem(responseKind, verbs, subresourceShapes, type, path(kind, true)),
    )
  }
  return paths
}

function collectionPath({ group, version, namespaced, plural }: OpenApiKind): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  return `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`
}

function path({ namespaced }: OpenApiKind, named: boolean): JsonValue[] {
  const names = [...(named ? ['name'] : []), ...(namespaced ? ['namespace'] : [])]
  return names.map((name) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }))
}

function pathItem(
  { group, version, kind }: GroupVersionKind,
  verbs: readonly string[],
  shapes: Readonly<Record<string, Shape>>,
  type: string,
  pathParameters: JsonValue[],
): JsonObject | undefined {
  const methods = verbs.flatMap((verb) => {
    const shape = shapes[verb]
    return shape ? [[shape.method, operation(shape, { group, version, kind }, type)] as const] : []
  })
  if (methods.length === 0) return undefined
  return { ...Object.fromEntries(methods), parameters: pathParameters }
}

function operation(shape: Shape, gvk: GroupVersionKind, type: string): JsonObject {
  const answer = shape.action === 'list' ? `${type}List` : type
  return {
    'x-kubernetes-action': shape.action,
    'x-kubernetes-group-version-kind': { ...gvk },
    parameters: shape.parameters.map(([name, scalar]) => ({
      name,
      in: 'query',
      schema: { type: scalar, uniqueItems: true },
    })),
    ...requestBody(shape, type),
    responses: {
      '200': {
        description: 'OK',
        content: { 'application/json': { schema: schemaOf(answer) } },
      },
    },
  }
}

function schemaOf(type: string): JsonObject {
  return type === 'string' ? { type } : reference(openApiName(type))
}

function requestBody({ body }: Shape, type: string): JsonObject {
  const content = (types: readonly string[], schema: JsonObject): JsonObject => ({
    requestBody: {
      content: Object.fromEntries(types.map((mediaType) => [mediaType, { schema }])),
    },
  })
  switch (body) {
    case 'none':
      return {}
    case 'object':
      return type === 'string' ? {} : content(['*/*'], reference(openApiName(type)))
    case 'patch':
      return content(Object.values(patchTypes), { type: 'object' })
    case 'deleteOptions':
      return content(['*/*'], reference(openApiName('meta/v1.DeleteOptions')))
    default:
      return body satisfies never
  }
}
