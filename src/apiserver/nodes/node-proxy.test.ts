import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestApi } from '../../../test/apiserver/test-api.ts'

test("a connected node's configuration and metrics are there by the API server's proxy", async () => {
  const configuration = { memorySwap: { swapBehavior: 'LimitedSwap' } }
  const registry = { metrics: () => Promise.resolve('a 1\n'), contentType: 'text/plain' }
  using api = await TestApi.start({
    connectedNode: (name) => (name === 'n1' ? { configuration, metrics: { registry } } : undefined),
  })
  for (const name of ['n1', 'away']) await api.post('/api/v1/nodes', { metadata: { name } })
  const proxied = (name: string, path: string) => api.get(`/api/v1/nodes/${name}/proxy/${path}`)
  assert.deepEqual((await proxied('n1', 'configz')).body, { kubeletconfig: configuration })
  assert.equal((await proxied('n1', 'metrics')).text, 'a 1\n')
  assert.equal((await proxied('away', 'configz')).code, 503)
  assert.equal((await proxied('none', 'configz')).code, 404)
  assert.equal((await proxied('n1', 'pods')).code, 404)
})
