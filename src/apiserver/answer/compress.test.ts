import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { admin, TestApi } from '../../../test/apiserver/test-api.ts'
import { smallestGzip, takesGzip } from './compress.ts'

const maps = '/api/v1/namespaces/default/configmaps'

async function ask(api: TestApi, path: string, acceptEncoding: string) {
  const headers = { accept: 'application/json', 'accept-encoding': acceptEncoding }
  const response = await api.api.fetch(new Request(`http://podfit${path}`, { headers }), {
    user: admin,
  })
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}

describe('compression of answers', () => {
  it('is for large ones, where the client takes gzip', async () => {
    using api = await TestApi.start()
    const data = { text: 'é'.repeat(smallestGzip) }
    await api.post(maps, { metadata: { name: 'large' }, data })
    for (const path of [maps, `${maps}/large`]) {
      const plain = await ask(api, path, 'br')
      assert.equal(plain.headers.get('content-encoding'), null)
      const small = await ask(api, path, 'deflate, gzip')
      assert.equal(small.headers.get('content-encoding'), 'gzip')
      assert.equal(small.headers.get('vary'), 'Accept-Encoding')
      assert.equal(small.headers.get('content-type'), 'application/json')
      assert.ok(small.bytes.length < plain.bytes.length / 10)
      assert.deepEqual(gunzipSync(small.bytes), plain.bytes)
    }
    const short = await ask(api, '/api/v1/namespaces', 'gzip')
    assert.equal(short.headers.get('content-encoding'), null)
  })

  it('takes the words of Accept-Encoding as kube-apiserver does', () => {
    const taken = ['gzip', 'deflate, gzip', 'br,gzip , zstd']
    const not = ['', 'br', 'gzip;q=0', '*', 'xgzip']
    assert.deepEqual(taken.filter(takesGzip), taken)
    assert.deepEqual(not.filter(takesGzip), [])
    assert.equal(takesGzip(null), false)
  })
})
