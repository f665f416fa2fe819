import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi, admin } from '../../../test/apiserver/test-api.ts'
import { literalTarget } from './literal-target.ts'

const request = new Request('https://podfit/from/url?a=1&b=?')

describe('the target of a request', () => {
  const cases = {
    '': { path: '/from/url', query: 'a=1&b=?' },
    'https://podfit/from/line': { path: '/from/url', query: 'a=1&b=?' },
    '/': { path: '/', query: '' },
    '/a/../b?c=/../d': { path: '/a/../b', query: 'c=/../d' },
    '/a/.%2E/%2e?': { path: '/a/.%2E/%2e', query: '' },
    '/a\\..\\..': { path: '/a\\..\\..', query: '' },
  }
  for (const [target, expected] of Object.entries(cases)) {
    it(`${target} is no other`, () => assert.deepEqual(literalTarget(request, target), expected))
  }

  it('is no way up: dots are the name of nothing', async () => {
    using api = await TestApi.start()
    const namespace = '/api/v1/namespaces/default'
    for (const name of ['..', '%2e%2e', '.%2E', '.', '..\\..']) {
      const target = `${namespace}/configmaps/${name}`
      // What the adapter of HTTP makes of the target: a URL, without dots.
      const asked = new Request(new URL(target, 'https://podfit'), { method: 'DELETE' })
      const response = await api.api.fetch(asked, { user: admin, target })
      const { message } = (await response.json()) as { readonly message: string }
      assert.equal(message, `configmaps "${decodeURIComponent(name)}" not found`)
    }
    assert.equal((await api.get(namespace)).body.metadata?.['deletionTimestamp'], undefined)
  })

  it('is no way to what strangers may not see', async () => {
    using api = await TestApi.start()
    const asked = new Request('https://podfit/version')
    const response = await api.api.fetch(asked, { target: '/api/../version' })
    assert.equal(response.status, 401)
  })
})
