import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json-value.ts'

/** What kubectl asks for, and the type of the answer. */
export const openApiV2Protobuf = {
  accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  contentType: 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
} as const

/**
 * An OpenAPI v2 document of definitions as the protobuf message that kubectl reads.
 *
 * @see gnostic-models openapiv2/OpenAPIv2.proto, message Document
 */
export function encodeOpenApiV2(document: JsonObject): Uint8Array<ArrayBuffer> {
  const { info, definitions } = document as Readonly<Record<string, JsonObject>>
  const writer = new BinaryWriter()
  text(writer, 1, document['swagger'])
  nested(writer, 2, (inner) => {
    text(inner, 1, info?.['title'])
    text(inner, 2, info?.['version'])
  })
  nested(writer, 8, () => undefined)
  nested(writer, 9, (inner) => namedSchemas(inner, definitions))
  return writer.finish()
}

function namedSchemas(writer: BinaryWriter, schemas: JsonValue | undefined): void {
  if (!isJsonObject(schemas)) return
  for (const [name, schema] of Object.entries(schemas)) {
    nested(writer, 1, (inner) => {
      text(inner, 1, name)
      nested(inner, 2, (value) => writeSchema(value, schema as JsonObject))
    })
  }
}

/** In ascending order of the field numbers, as all protobuf encoders write. */
function writeSchema(writer: BinaryWriter, schema: JsonObject): void {
  const { items, properties, required, additionalProperties } = schema
  text(writer, 1, schema['$ref'])
  text(writer, 2, schema['format'])
  text(writer, 4, schema['description'])
  if (Array.isArray(required)) for (const name of required) text(writer, 19, name)
  if (isJsonObject(additionalProperties)) {
    nested(writer, 21, (inner) => {
      nested(inner, 1, (value) => writeSchema(value, additionalProperties))
    })
  }
  if (schema['type'] !== undefined) nested(writer, 22, (inner) => text(inner, 1, schema['type']))
  if (isJsonObject(items)) {
    nested(writer, 23, (inner) => nested(inner, 1, (value) => writeSchema(value, items)))
  }
  if (properties !== undefined) nested(writer, 25, (inner) => namedSchemas(inner, properties))
  for (const [name, value] of Object.entries(schema)) {
    if (name.startsWith('x-')) extension(writer, name, value)
  }
}

/** The value of an extension is YAML, which all JSON is. */
function extension(writer: BinaryWriter, name: string, value: JsonValue): void {
  nested(writer, 31, (inner) => {
    text(inner, 1, name)
    nested(inner, 2, (any) => text(any, 2, JSON.stringify(value)))
  })
}

function text(writer: BinaryWriter, number: number, value: JsonValue | undefined): void {
  if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value)
}

function nested(writer: BinaryWriter, number: number, write: (inner: BinaryWriter) => void): void {
  writer.tag(number, WireType.LengthDelimited).fork()
  write(writer)
  writer.join()
}
