import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import type { JsonObject } from '../schema/json-value.ts'
import { encodeOpenApiV2 } from './openapi-v2-protobuf.ts'
import { openApiV2 } from './openapi-v2.ts'

const document = openApiV2(
  [
    {
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
      type: 'core/v1.Pod',
      verbs: ['create', 'get', 'list'],
    },
  ],
  'v1.36.0',
)
const definitions = document['definitions'] as Record<
  string,
  { properties: Record<string, JsonObject> } & JsonObject
>

describe('the OpenAPI v2 document', () => {
  test('has every definition that it refers to', () => {
    const text = JSON.stringify(document)
    const wanted = [...text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(([, name]) => name)
    assert.ok(wanted.length > 100)
    assert.deepEqual(
      wanted.filter((name) => definitions[name ?? ''] === undefined),
      [],
    )
    assert.ok(!/allOf|oneOf|components/.test(text))
  })

  test('names kinds, merge keys and types', () => {
    const pod = definitions['io.k8s.api.core.v1.Pod']
    assert.deepEqual(pod?.['x-kubernetes-group-version-kind'], [
      { group: '', version: 'v1', kind: 'Pod' },
    ])
    const containers = definitions['io.k8s.api.core.v1.PodSpec']?.properties['containers']
    assert.equal(containers?.['x-kubernetes-patch-merge-key'], 'name')
    assert.deepEqual(containers['items'], { $ref: '#/definitions/io.k8s.api.core.v1.Container' })
    const quantity = definitions['io.k8s.apimachinery.pkg.api.resource.Quantity']
    assert.equal(quantity?.['type'], 'string')
  })

  test('is a message with one definition after the other', () => {
    const names: string[] = []
    const found = fieldsOf(encodeOpenApiV2(document)).get(9)?.[0] ?? new Uint8Array()
    for (const entry of fieldsOf(found).get(1) ?? []) {
      names.push(new TextDecoder().decode(fieldsOf(entry).get(1)?.[0]))
    }
    assert.deepEqual(names, Object.keys(definitions))
  })
})

function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array<ArrayBuffer>[]> {
  const reader = new BinaryReader(bytes)
  const fields = new Map<number, Uint8Array<ArrayBuffer>[]>()
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    assert.equal(wireType, WireType.LengthDelimited)
    const value = Uint8Array.from(reader.bytes())
    fields.set(number, [...(fields.get(number) ?? []), value])
  }
  return fields
}
