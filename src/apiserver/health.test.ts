import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TestApi } from '../../test/apiserver/test-api.ts'

async function ask(api: TestApi, path: string) {
  const { code, text } = await api.get(path)
  return { code, text }
}

describe('the health of the server', () => {
  it('is told in a word, in detail, and check by check', async () => {
    using api = await TestApi.start()
    for (const path of ['/livez', '/readyz', '/healthz', '/livez/ping', '/readyz/store']) {
      assert.deepEqual(await ask(api, path), { code: 200, text: 'ok' }, path)
    }
    assert.deepEqual(await ask(api, '/readyz?verbose'), {
      code: 200,
      text: '[+]ping ok\n[+]store ok\n[+]shutdown ok\nreadyz check passed\n',
    })
    assert.equal((await ask(api, '/livez/nothing')).code, 404)
  })

  it('is bad once the store is closed, whatever else is left out', async () => {
    using api = await TestApi.start()
    api.api.close()
    assert.deepEqual(await ask(api, '/livez?exclude=shutdown&exclude=other'), {
      code: 500,
      text: '[+]ping ok\n[-]store failed: reason withheld\n[+]shutdown excluded: ok\nwarn: some health checks cannot be excluded: no matches for "other"\nlivez check failed\n',
    })
    assert.equal((await ask(api, '/livez/store')).code, 500)
    assert.equal((await ask(api, '/livez?exclude=store&exclude=shutdown')).code, 200)
  })
})
