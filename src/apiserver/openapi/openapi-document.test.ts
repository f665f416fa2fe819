import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JsonObject } from '../schema/json-value.ts'
import { openApiDocument } from './openapi-document.ts'

const document = openApiDocument(
  [
    {
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
      type: 'core/v1.Pod',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      subresources: [
        { name: 'resize', verbs: ['get', 'patch', 'update'] },
        {
          name: 'binding',
          verbs: ['create'],
          type: 'core/v1.Binding',
          responseKind: { group: '', version: 'v1', kind: 'Binding' },
        },
      ],
    },
    {
      group: '',
      version: 'v1',
      kind: 'Node',
      plural: 'nodes',
      namespaced: false,
      type: 'core/v1.Node',
      verbs: ['get', 'list'],
    },
  ],
  'v1.36.0',
) as unknown as {
  paths: Record<string, Record<string, JsonObject & { parameters: { name: string }[] }>>
  components: { schemas: Record<string, JsonObject & { properties: Record<string, JsonObject> }> }
}

const { schemas } = document.components

describe('the OpenAPI document', () => {
  test('has the paths of kinds and subresources', () => {
    assert.deepEqual(Object.keys(document.paths), [
      '/api/v1/namespaces/{namespace}/pods',
      '/api/v1/namespaces/{namespace}/pods/{name}',
      '/api/v1/namespaces/{namespace}/pods/{name}/resize',
      '/api/v1/namespaces/{namespace}/pods/{name}/binding',
      '/api/v1/nodes',
      '/api/v1/nodes/{name}',
    ])
  })

  test('shows what kubectl looks for in PATCH', () => {
    for (const path of ['', '/resize']) {
      const patch = document.paths[`/api/v1/namespaces/{namespace}/pods/{name}${path}`]?.['patch']
      assert.deepEqual(patch?.['x-kubernetes-group-version-kind'], {
        group: '',
        version: 'v1',
        kind: 'Pod',
      })
      assert.deepEqual(
        patch.parameters.map(({ name }) => name),
        ['dryRun', 'fieldManager', 'fieldValidation', 'force'],
      )
    }
  })

  test('names the kind of a schema', () => {
    const kind = { group: '', version: 'v1', kind: 'Pod' }
    assert.deepEqual(schemas['io.k8s.api.core.v1.Pod']?.['x-kubernetes-group-version-kind'], [kind])
  })

  test('tells how lists merge, from the same rules that patches use', () => {
    const list = schemas['io.k8s.api.core.v1.PodSpec']?.properties['volumes']
    assert.equal(list?.['x-kubernetes-patch-merge-key'], 'name')
    assert.equal(list?.['x-kubernetes-patch-strategy'], 'merge,retainKeys')
    const ports = schemas['io.k8s.api.core.v1.Container']?.properties['ports']
    assert.equal(ports?.['x-kubernetes-patch-merge-key'], 'containerPort')
    assert.deepEqual(ports?.['x-kubernetes-list-map-keys'], ['containerPort', 'protocol'])
    const policy = schemas['io.k8s.api.core.v1.Container']?.properties['resizePolicy']
    assert.equal(policy?.['x-kubernetes-list-type'], 'atomic')
  })

  test('explains what matters to resizing', () => {
    const policy = schemas['io.k8s.api.core.v1.ContainerResizePolicy']?.properties
    assert.match(JSON.stringify(policy?.['restartPolicy']), /NotRequired: try to resize/)
  })

  test('has every schema that it refers to', () => {
    const text = JSON.stringify(document)
    const wanted = new Set(
      [...text.matchAll(/#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? ''),
    )
    assert.ok(wanted.size > 100)
    assert.deepEqual(
      [...wanted].filter((name) => schemas[name] === undefined),
      [],
    )
  })
})
