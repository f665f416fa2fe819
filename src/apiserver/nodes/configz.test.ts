import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestApi } from '../../../test/apiserver/test-api.ts'

test("the configuration of a connected node is there by the API server's proxy", async () => {
  const configuration = { memorySwap: { swapBehavior: 'LimitedSwap' } }
  using api = await TestApi.start({
    configz: (node) => (node === 'n1' ? configuration : undefined),
  })
  for (const name of ['n1', 'away']) await api.post('/api/v1/nodes', { metadata: { name } })
  const configz = (name: string) => api.get(`/api/v1/nodes/${name}/proxy/configz`)
  assert.deepEqual((await configz('n1')).body, { kubeletconfig: configuration })
  assert.equal((await configz('away')).code, 503)
  assert.equal((await configz('none')).code, 404)
  assert.equal((await api.get('/api/v1/nodes/n1/proxy/pods')).code, 404)
})
