import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'
import { schemasOf } from './openapi-document.ts'
import type { OpenApiKind } from './openapi-kind.ts'

/**
 * The OpenAPI v2 document of all kinds: their schemas, no paths. kubectl reads it where the v3
 * documents do not have a kind, as with `kind: List`.
 *
 * @param serverVersion such as `v1.36.0`.
 */
export function openApiV2(kinds: readonly OpenApiKind[], serverVersion: string): JsonObject {
  const definitions = Object.entries(schemasOf(kinds, serverVersion)).map(([name, schema]) => [
    name,
    definition(schema),
  ])
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: serverVersion },
    paths: {},
    definitions: Object.fromEntries(definitions) as JsonObject,
  }
}

/** A v3 schema in the words of v2, which has no choices: IntOrString and quantities are text. */
function definition(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(definition)
  if (!isJsonObject(schema)) return schema
  const { allOf, oneOf, $ref, ...rest } = schema
  const only = Array.isArray(allOf) ? definition(allOf[0] ?? {}) : {}
  const inner = Object.entries(rest).map(([key, value]) => [key, definition(value)])
  return {
    ...(Object.fromEntries(inner) as JsonObject),
    ...(oneOf !== undefined && { type: 'string' }),
    ...(typeof $ref === 'string' && {
      $ref: $ref.replace('#/components/schemas/', '#/definitions/'),
    }),
    ...(isJsonObject(only) && only),
  }
}
