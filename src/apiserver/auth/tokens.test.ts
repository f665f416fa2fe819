import assert from 'node:assert/strict'
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, it } from 'node:test'
import { waitUntil } from '../../../test/support/wait-until.ts'
import { TestApi, listOf, podBody, podsPath, textOf } from '../../../test/apiserver/test-api.ts'
import type { ApiServerOptions } from '../api-server.ts'
import { issuer } from './token-claims.ts'
import { newTokenKey } from './token-key.ts'

const accounts = '/api/v1/namespaces/default/serviceaccounts'
const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const reviews = '/apis/authentication.k8s.io/v1/tokenreviews'

async function withAccount(options: Partial<ApiServerOptions> = {}): Promise<TestApi> {
  const api = await TestApi.start(options)
  await api.post(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bot' } })
  return api
}

async function tokenOf(api: TestApi, spec: object = {}): Promise<string> {
  const { code, body, text } = await api.post(`${accounts}/bot/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec,
  })
  assert.equal(code, 201, text)
  return textOf(body.status?.token)
}

interface Info {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
}

/** What the server says to somebody who has nothing but the token. */
async function ask(api: TestApi, token: string, path = whoAmI) {
  const request = new Request(`http://podfit${path}`, {
    method: 'POST',
    body: '{}',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })
  const response = await api.api.fetch(request)
  const body = (await response.json()) as {
    readonly status: {
      readonly userInfo: Info & { readonly extra: Readonly<Record<string, string[]>> }
    }
  }
  return { code: response.status, body }
}

describe('a service account token', () => {
  it('can be checked by others with the published key', async () => {
    using api = await withAccount()
    const token = await tokenOf(api)
    const { body: about } = await api.get('/.well-known/openid-configuration/')
    assert.equal(about.issuer, issuer)
    const keys = await api.get(new URL(textOf(about.jwks_uri)).pathname)
    assert.equal(keys.headers.get('content-type'), 'application/jwk-set+json')
    const [jwk] = listOf(keys.body.keys)
    assert.equal(jwk?.d, undefined)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }
    assert.equal(jwk?.kid, kid)
    const key = createPublicKey({ key: jwk as unknown as JsonWebKey, format: 'jwk' })
    const signed = Buffer.from(`${head}.${claims}`)
    const proof = Buffer.from(signature, 'base64url')
    assert.ok(verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, proof))
  })

  it('lets its holder in as the account', async () => {
    using api = await withAccount()
    const token = await tokenOf(api)
    const { code, body } = await ask(api, token)
    assert.equal(code, 201)
    const { uid } = (await api.get(`${accounts}/bot`)).body.metadata ?? {}
    const { extra, ...info } = body.status.userInfo
    assert.deepEqual(info, {
      username: 'system:serviceaccount:default:bot',
      uid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    })
    assert.match(textOf(extra['authentication.kubernetes.io/credential-id']?.[0]), /^JTI=/)
  })

  it('is a JSON Web Token with the claims that clients read', async () => {
    using api = await withAccount({ now: () => 1_700_000_000_000 })
    const token = await tokenOf(api, { expirationSeconds: 700, audiences: ['vault', issuer] })
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    assert.deepEqual(claims.aud, ['vault', issuer])
    assert.equal(claims.iat, 1_700_000_000)
    assert.equal(claims.exp, 1_700_000_700)
    assert.equal(claims.sub, 'system:serviceaccount:default:bot')
    assert.equal(claims['kubernetes.io'].serviceaccount.name, 'bot')
  })

  it('is refused once it has expired, the account is gone, or it is for others', async () => {
    let now = Date.now()
    using api = await withAccount({ now: () => now })
    const [token, other] = [await tokenOf(api), await tokenOf(api, { audiences: ['vault'] })]
    assert.equal((await ask(api, other)).code, 401)
    now += 3_599_000
    assert.equal((await ask(api, token)).code, 201)
    now += 2000
    assert.equal((await ask(api, token)).code, 401)
    const fresh = await tokenOf(api)
    await api.delete(`${accounts}/bot`)
    await api.post(accounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'bot' },
    })
    assert.equal((await ask(api, fresh)).code, 401)
  })

  it('is refused when a bit of it was changed, or another key has signed it', async () => {
    using api = await withAccount()
    using stranger = await withAccount()
    const token = await tokenOf(api)
    const [head = '', body = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 }))
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const wrong = [
      `${head}.${forged.toString('base64url')}.${signature}`,
      `${none}.${body}.`,
      `${head}.${body}.`,
      token.slice(0, -4),
      'x',
      '',
      await tokenOf(stranger),
    ]
    for (const one of wrong) assert.equal((await ask(api, one)).code, 401, one)
    assert.equal((await ask(api, token)).code, 201)
  })

  it('stays good over a restart with the same key', async () => {
    const tokenKey = newTokenKey()
    using api = await TestApi.start({ tokenKey })
    await api.post(accounts, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'bot' },
    })
    const token = await tokenOf(api)
    api.api.close()
    using again = await TestApi.start({ tokenKey, database: `${api.directory}/api.db` })
    assert.equal((await ask(again, token)).code, 201)
  })

  it('may be bound to a pod of the account, and goes with it', async () => {
    using api = await withAccount()
    const pod = podBody('one')
    const spec = { ...(pod['spec'] as object), serviceAccountName: 'bot' }
    await api.post(podsPath, { ...pod, spec })
    await api.post(podsPath, podBody('other'))
    const bound = (name: string) => ({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name } })
    const token = await tokenOf(api, bound('one'))
    const { body } = await ask(api, token)
    const { extra } = body.status.userInfo
    assert.deepEqual(extra['authentication.kubernetes.io/pod-name'], ['one'])
    const request = (name: string) => api.post(`${accounts}/bot/token`, { spec: bound(name) })
    assert.equal((await request('none')).code, 404)
    assert.match(textOf((await request('other')).body.message), /different serviceaccount name/)
    await api.delete(`${podsPath}/one`)
    assert.equal((await ask(api, token)).code, 401)
  })

  it('may be bound to a node, and goes with it', async () => {
    using api = await withAccount()
    const nodes = '/api/v1/nodes'
    await api.post(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n7' } })
    const token = await tokenOf(api, {
      boundObjectRef: { kind: 'Node', apiVersion: 'v1', name: 'n7' },
    })
    const { extra } = (await ask(api, token)).body.status.userInfo
    assert.deepEqual(extra['authentication.kubernetes.io/node-name'], ['n7'])
    await api.delete(`${nodes}/n7`)
    assert.equal((await ask(api, token)).code, 401)
  })

  it('is bound to nothing else, and to one object only', async () => {
    using api = await withAccount()
    await api.post(podsPath, podBody('one'))
    const told = async (reference: object) => {
      const spec = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'one', ...reference } }
      return textOf((await api.post(`${accounts}/bot/token`, { spec })).body.message)
    }
    const what = 'cannot bind token to object of type '
    assert.equal(await told({ kind: 'ConfigMap' }), `${what}/v1, Kind=ConfigMap`)
    assert.equal(await told({ apiVersion: 'apps/v1' }), `${what}apps/v1, Kind=Pod`)
    assert.match(await told({ uid: 'x' }), /^Operation cannot be fulfilled on Pod "one": the UID /)
  })

  it('must live ten minutes at least, and its account must be there', async () => {
    using api = await withAccount()
    const short = await api.post(`${accounts}/bot/token`, { spec: { expirationSeconds: 60 } })
    assert.equal(short.code, 422)
    assert.match(textOf(short.body.message), /may not specify a duration less than 10 minutes/)
    assert.equal((await api.post(`${accounts}/nobody/token`, {})).code, 404)
  })

  it('is asked for of the account in the path, whatever else the request says of itself', async () => {
    using api = await withAccount()
    const ask = (metadata: object) => api.post(`${accounts}/bot/token`, { metadata })
    const told = async (metadata: object) => {
      const { code, body } = await ask(metadata)
      return [code, body.message]
    }
    assert.deepEqual(await told({ name: 'other' }), [
      422,
      'TokenRequest.authentication.k8s.io "bot" is invalid: metadata.name: Invalid value: "other": must match the service account name if specified',
    ])
    assert.deepEqual(await told({ namespace: 'other' }), [
      400,
      'the namespace of the provided object does not match the namespace sent on the request',
    ])
    const { uid } = (await api.get(`${accounts}/bot`)).body.metadata ?? {}
    assert.deepEqual(await told({ uid: 'x' }), [
      409,
      `Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "bot": the UID in the token request (x) does not match the UID of the service account (${textOf(uid)})`,
    ])
    const labels = { a: 'b' }
    const { code, body } = await ask({ name: 'bot', namespace: 'default', uid, labels })
    assert.equal(code, 201)
    const { creationTimestamp: _now, ...metadata } = body.metadata ?? {}
    assert.deepEqual(metadata, { name: 'bot', namespace: 'default', uid, labels })
  })

  it('does not tell the uid of its account before 1.34, nor looks at one', async () => {
    using api = await withAccount({ kubeVersion: '1.33' })
    const { code, body } = await api.post(`${accounts}/bot/token`, { metadata: { uid: 'x' } })
    assert.deepEqual([code, body.metadata?.uid], [201, undefined])
  })

  it('is bound to nodes from 1.31 on, when Kubernetes did so by default', async () => {
    const gate = 'as the "ServiceAccountTokenNodeBinding" feature-gate is disabled'
    const cases = [
      ['1.30', `to a Node object ${gate}`],
      ['1.28', 'to object of type /v1, Kind=Node'],
    ] as const
    for (const [kubeVersion, why] of cases) {
      using api = await withAccount({ kubeVersion })
      const spec = { boundObjectRef: { apiVersion: 'v1', kind: 'Node', name: 'n7' } }
      const { code, body } = await api.post(`${accounts}/bot/token`, { spec })
      assert.deepEqual([code, body.message], [400, `cannot bind token ${why}`])
    }
  })
})

describe('a secret for a service account token', () => {
  const secrets = '/api/v1/namespaces/default/secrets'
  const annotations = { 'kubernetes.io/service-account.name': 'bot' }
  const secret = {
    metadata: { name: 'kept', annotations },
    type: 'kubernetes.io/service-account-token',
  }
  const filled = async (api: TestApi) => {
    await api.post(secrets, secret)
    const { body } = await waitUntil(
      'the token in the secret',
      () => api.get(`${secrets}/kept`),
      (answer) => answer.body.data?.token !== undefined,
    )
    return { body, token: Buffer.from(textOf(body.data?.token), 'base64').toString() }
  }
  const gone = (api: TestApi) =>
    waitUntil(
      'the end of the secret',
      () => api.get(`${secrets}/kept`),
      ({ code }) => code === 404,
    )

  it('is filled with one that has no end, and with what else a client needs', async () => {
    let now = Date.now()
    using api = await withAccount({ now: () => now, authority: 'PEM' })
    const { body, token } = await filled(api)
    assert.deepEqual([body.data?.['ca.crt'], body.data?.namespace], ['UEVN', 'ZGVmYXVsdA=='])
    const { uid } = (await api.get(`${accounts}/bot`)).body.metadata ?? {}
    assert.equal(body.metadata?.annotations?.['kubernetes.io/service-account.uid'], uid)
    now += 50 * 365 * 86_400_000
    const { username, extra } = (await ask(api, token)).body.status.userInfo
    assert.deepEqual([username, extra], ['system:serviceaccount:default:bot', {}])
  })

  it('lets nobody in any more without its token, and is given a new one', async () => {
    using api = await withAccount()
    const { token } = await filled(api)
    await api.patch(`${secrets}/kept`, { data: { token: 'eA==' } })
    assert.equal((await ask(api, token)).code, 401)
    await api.delete(`${secrets}/kept`)
    assert.equal((await ask(api, (await filled(api)).token)).code, 201)
  })

  it('goes with its account, and at once where there is none', async () => {
    using api = await withAccount()
    await filled(api)
    await api.delete(`${accounts}/bot`)
    await gone(api)
    await api.post(secrets, secret)
    await gone(api)
  })
})

describe('a connection that leaves HTTP', () => {
  it('is opened for a token, and for nobody without one', async () => {
    using api = await withAccount()
    const upgrade = async (headers: Record<string, string>) => {
      const request = new Request(`http://podfit${podsPath}/none/exec`, { headers })
      const outcome = await api.api.upgrade(request)
      return outcome.kind === 'answer' && outcome.response.status
    }
    assert.equal(await upgrade({}), 401)
    assert.equal(await upgrade({ authorization: 'Bearer x' }), 401)
    assert.equal(await upgrade({ authorization: `Bearer ${await tokenOf(api)}` }), 404)
  })
})

describe('reviews', () => {
  it('tell who holds a token', async () => {
    using api = await withAccount()
    const review = async (spec: object) =>
      (
        await api.post(reviews, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenReview',
          spec,
        })
      ).body.status
    const good = await review({ token: await tokenOf(api) })
    assert.equal(good?.authenticated, true)
    assert.equal(good?.user?.username, 'system:serviceaccount:default:bot')
    assert.deepEqual(good?.audiences, [issuer])
    const vault = await tokenOf(api, { audiences: ['vault'] })
    assert.deepEqual((await review({ token: vault, audiences: ['vault', 'x'] }))?.audiences, [
      'vault',
    ])
    const wrong = await review({ token: 'x' })
    assert.equal(wrong?.authenticated, false)
    assert.equal(wrong?.error, 'the token is not one of this server')
    const empty = await api.post(reviews, { spec: {} })
    assert.equal(empty.code, 400)
    assert.equal(empty.body.message, 'token is required for TokenReview in authentication')
  })

  it('allow everything to those who are known, and say so', async () => {
    using api = await withAccount()
    const group = '/apis/authorization.k8s.io/v1'
    const spec = { resourceAttributes: { verb: 'delete', resource: 'pods', namespace: 'default' } }
    const own = await api.post(`${group}/selfsubjectaccessreviews`, { spec })
    assert.equal(own.code, 201)
    assert.deepEqual(own.body.status, {
      allowed: true,
      reason: 'podfit allows everything to everybody who is authenticated',
    })
    const other = { spec: { ...spec, user: 'system:anonymous' } }
    const refused = await api.post(`${group}/subjectaccessreviews`, other)
    assert.equal(refused.body.status?.allowed, false)
    const local = `${group}/namespaces/default/localsubjectaccessreviews`
    assert.equal((await api.post(local, other)).code, 201)
    const resourceAttributes = { ...spec.resourceAttributes, namespace: 'kube-system' }
    const elsewhere = await api.post(local, { spec: { resourceAttributes, user: 'ann' } })
    assert.equal(
      elsewhere.body.message,
      'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "kube-system": must match metadata.namespace',
    )
    const rules = await api.post(`${group}/selfsubjectrulesreviews`, { spec: { namespace: 'x' } })
    assert.equal(rules.body.status?.incomplete, false)
    assert.equal((await api.get(`${group}/selfsubjectaccessreviews`)).code, 405)
  })
})

describe('the pods of a service account', () => {
  const withName = (name: string, serviceAccountName: string) => {
    const pod = podBody(name)
    return { ...pod, spec: { ...(pod['spec'] as object), serviceAccountName } }
  }

  it('must have one that is there', async () => {
    using api = await withAccount()
    const { code, body } = await api.post(podsPath, withName('one', 'nobody'))
    assert.equal(code, 403)
    assert.equal(
      body.message,
      'pods "one" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
    )
    const made = await api.post(podsPath, withName('one', 'bot'))
    assert.equal(made.code, 201)
    assert.equal(made.body.spec?.volumes, undefined)
  })

  it('find its token where the node can mount it', async () => {
    using api = await TestApi.start({ mountTokens: true })
    const { body } = await api.post(podsPath, podBody('one'))
    const [volume] = listOf(body.spec?.volumes)
    assert.match(textOf(volume?.name), /^kube-api-access-[a-z0-9]{5}$/)
    const sources = listOf(volume?.projected?.sources)
    assert.deepEqual(sources[0]?.serviceAccountToken, { expirationSeconds: 3607, path: 'token' })
    assert.equal(sources.length, 3)
    const [container] = listOf(body.spec?.containers)
    const [mount] = listOf(container?.volumeMounts)
    assert.equal(mount?.mountPath, '/var/run/secrets/kubernetes.io/serviceaccount')
    assert.equal(mount?.name, volume?.name)
    const pod = podBody('two')
    const spec = { ...(pod['spec'] as object), automountServiceAccountToken: false }
    const plain = await api.post(podsPath, { ...pod, spec })
    assert.equal(plain.body.spec?.volumes, undefined)
  })
})
