import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collectionPath, objectPath, withQuery } from './paths.ts'
import { nodes, pods, type KubeResource } from './resource.ts'

const deployments: KubeResource = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
}

test('collections', () => {
  assert.equal(collectionPath(pods), '/api/v1/pods')
  assert.equal(collectionPath(pods, 'a'), '/api/v1/namespaces/a/pods')
  assert.equal(collectionPath(nodes, 'a'), '/api/v1/nodes')
  assert.equal(collectionPath(deployments, 'a'), '/apis/apps/v1/namespaces/a/deployments')
})

test('objects and subresources', () => {
  const address = { namespace: 'a', name: 'web', subresource: 'resize' }
  assert.equal(objectPath(pods, address), '/api/v1/namespaces/a/pods/web/resize')
  assert.equal(objectPath(nodes, { name: 'n1' }), '/api/v1/nodes/n1')
  assert.equal(objectPath(pods, { namespace: 'a', name: 'x/y' }), '/api/v1/namespaces/a/pods/x%2Fy')
})

test('an address that would name a whole collection is refused', () => {
  assert.throws(() => objectPath(pods, { namespace: 'a', name: '' }), TypeError)
  assert.throws(() => objectPath(pods, { name: 'web' }), TypeError)
  for (const name of ['.', '..']) {
    assert.throws(() => objectPath(pods, { namespace: 'a', name }), TypeError)
    assert.throws(() => objectPath(pods, { namespace: name, name: 'web' }), TypeError)
  }
  for (const name of ['', '.', '..']) assert.throws(() => collectionPath(pods, name), TypeError)
})

test('queries leave out what is undefined', () => {
  assert.equal(withQuery('/x', {}), '/x')
  const query = { labelSelector: 'a=b,c!=d', limit: 5, continue: undefined, watch: true }
  assert.equal(withQuery('/x', query), '/x?labelSelector=a%3Db%2Cc!%3Dd&limit=5&watch=true')
})
