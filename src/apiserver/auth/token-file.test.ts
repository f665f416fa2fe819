import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { TestApi, textOf } from '../../../test/apiserver/test-api.ts'
import { KnownTokens } from './known-tokens.ts'
import { loadTokenFile, parseTokenFile } from './token-file.ts'

const text = `# who comes from outside
s3cret,ann,1,"ops,system:masters"
other,"bob ""b""",

`

describe('a token file', () => {
  it('says who comes with which token', () => {
    assert.deepEqual(parseTokenFile(text), [
      {
        token: 's3cret',
        user: { name: 'ann', uid: '1', groups: ['ops', 'system:masters', 'system:authenticated'] },
      },
      { token: 'other', user: { name: 'bob "b"', groups: ['system:authenticated'] } },
    ])
  })

  for (const wrong of ['only-a-token', 'token,name', ',name,1', 'token,,1']) {
    it(`may not have the line ${wrong}`, () => {
      assert.throws(() => parseTokenFile(`a,b,c\n${wrong}`), /^SyntaxError: line 2 must be token,u/)
    })
  }

  it('is for its owner only', async () => {
    using api = await TestApi.start()
    const path = join(api.directory, 'tokens.csv')
    writeFileSync(path, text, { mode: 0o600 })
    assert.equal((await loadTokenFile(path)).userOf('s3cret')?.name, 'ann')
    chmodSync(path, 0o640)
    await assert.rejects(loadTokenFile(path), {
      message: `Cannot take tokens from ${path}: its mode is 0640, so that others can read it; run: chmod 600 ${path}`,
    })
    await assert.rejects(loadTokenFile(`${path}.none`), /Cannot take tokens from .*: ENOENT/)
  })
})

describe('a known token', () => {
  async function ask(api: TestApi, path: string, token: string, init: RequestInit = {}) {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const response = await api.api.fetch(new Request(`http://podfit${path}`, { ...init, headers }))
    return { code: response.status, text: await response.text() }
  }

  it('lets in whom it is for, and nobody else', async () => {
    using api = await TestApi.start({ knownTokens: new KnownTokens(parseTokenFile(text)) })
    assert.equal((await ask(api, '/api/v1/pods', 's3cret')).code, 200)
    assert.equal((await ask(api, '/api/v1/pods', 's3cre')).code, 401)
    const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
    const review = await ask(api, path, 'other', { method: 'POST', body: '{}' })
    const { status } = JSON.parse(review.text) as { status: { userInfo: object } }
    assert.deepEqual(status.userInfo, { username: 'bob "b"', groups: ['system:authenticated'] })
  })

  it('is known to a TokenReview, for this server', async () => {
    using api = await TestApi.start({ knownTokens: new KnownTokens(parseTokenFile(text)) })
    const review = async (spec: object) =>
      (await api.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec })).body.status
    const known = await review({ token: 's3cret' })
    assert.equal(textOf(known?.user?.username), 'ann')
    const elsewhere = await review({ token: 's3cret', audiences: ['vault'] })
    assert.match(textOf(elsewhere?.error), /not for vault/)
  })
})
