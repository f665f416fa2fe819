import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  type Answer,
  TestApi,
  listOf,
  podBody,
  podsPath,
  textOf,
} from '../../../test/apiserver/test-api.ts'

let earlier: TestApi
let api: TestApi

before(async () => {
  // A second life of the server: it knows nothing of the history of the first.
  earlier = await TestApi.start()
  earlier.api.close()
  api = await TestApi.start({ database: join(earlier.directory, 'api.db') })
  for (const index of [1, 2, 3, 4, 5, 6, 7]) {
    const labels = { odd: String(index % 2 === 1) }
    await api.post(podsPath, { ...podBody(`p${index}`), metadata: { name: `p${index}`, labels } })
  }
})

after(() => {
  api[Symbol.dispose]()
  earlier[Symbol.dispose]()
})

function names({ body }: Answer): readonly string[] {
  return listOf(body.items).map(({ metadata }) => textOf(metadata?.name))
}

describe('list', () => {
  it('shows items without kind and apiVersion, in order, with the version they are of', async () => {
    const answer = await api.get(podsPath)
    assert.equal(answer.body.kind, 'PodList')
    assert.deepEqual(names(answer), ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'])
    assert.equal(answer.body.items?.[0]?.kind, undefined)
    assert.equal(answer.body.items?.[0]?.apiVersion, undefined)
    assert.match(textOf(answer.body.metadata?.resourceVersion), /^\d+$/)
  })

  it('selects by labels and fields', async () => {
    assert.deepEqual(names(await api.get(`${podsPath}?labelSelector=odd%3Dfalse`)), [
      'p2',
      'p4',
      'p6',
    ])
    const one = await api.get(`${podsPath}?fieldSelector=metadata.name%3Dp3`)
    assert.deepEqual(names(one), ['p3'])
    const old = await api.get('/api/v1/pods?fieldSelector=spec.host%3Dnowhere')
    assert.deepEqual([old.code, listOf(old.body.items).length], [200, 0])
    const unplaced = await api.get('/api/v1/pods?fieldSelector=spec.nodeName%3D%2Codd!%3Dx')
    assert.equal(unplaced.code, 400)
    assert.equal(unplaced.body.message, 'field label not supported: odd')
    const plain = await api.get('/api/v1/configmaps?fieldSelector=odd%3Dx')
    assert.equal(
      plain.body.message,
      '"odd" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    assert.equal((await api.get(`${podsPath}?labelSelector=a%3D%3D%3Db`)).code, 400)
  })

  it('pages through one state, whatever changes meanwhile', async () => {
    const first = await api.get(`${podsPath}?limit=3`)
    assert.deepEqual(names(first), ['p1', 'p2', 'p3'])
    assert.equal(first.body.metadata?.remainingItemCount, 4)
    const token = textOf(first.body.metadata?.continue)
    await api.post(podsPath, podBody('p35'))
    await api.delete(`${podsPath}/p6`)
    const second = await api.get(`${podsPath}?limit=3&continue=${token}`)
    assert.deepEqual(names(second), ['p4', 'p5', 'p6'])
    assert.equal(second.body.metadata?.resourceVersion, first.body.metadata?.resourceVersion)
    const rest = textOf(second.body.metadata?.continue)
    const third = await api.get(`${podsPath}?limit=3&continue=${rest}`)
    assert.deepEqual(names(third), ['p7'])
    assert.equal(third.body.metadata?.continue, undefined)
    await api.delete(`${podsPath}/p35`)
    await api.post(podsPath, podBody('p6'))
  })

  it('says nothing of what remains where a selector narrows the list', async () => {
    const { body } = await api.get(`${podsPath}?limit=1&labelSelector=odd%3Dtrue`)
    assert.equal(body.metadata?.remainingItemCount, undefined)
    assert.ok(body.metadata?.continue)
  })

  it('refuses selectors that ask every object too much', async () => {
    for (const selector of ['fieldSelector=metadata.name!%3D', 'labelSelector=!']) {
      const [parameter = '', term = ''] = selector.split(/=(.*)/s)
      const terms = (count: number) => Array.from({ length: count }, (_, at) => `${term}k${at}`)
      const ask = (count: number) => api.get(`${podsPath}?${parameter}=${terms(count).join(',')}`)
      assert.equal((await ask(1000)).code, 200)
      const { code, body } = await ask(1001)
      assert.equal(code, 400)
      assert.match(textOf(body.message), /have 1001 requirements, .* they may have 1000$/)
    }
  })

  it('refuses tokens that are none', async () => {
    const token = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
    for (const [text, why] of [
      ['x', 'illegal base64 data at input byte 0'],
      ['e30=', 'illegal base64 data at input byte 3'],
      ['eyJ2', 'unexpected end of JSON input'],
      ['bnVsbA', 'server does not recognize this encoded version '],
      ['e30', 'server does not recognize this encoded version '],
      [token({ v: 'v0' }), 'server does not recognize this encoded version v0'],
      [
        token({ v: 'meta.k8s.io/v1', start: 'a' }),
        'incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
      ],
      [token({ v: 'meta.k8s.io/v1', rv: 1 }), 'encoded start key empty (version meta.k8s.io/v1)'],
      [token({ v: 'meta.k8s.io/v1', rv: 1, start: 'a/../../b' }), 'a/../../b'],
      [
        token({ v: 1 }),
        'json: cannot unmarshal number into Go struct field continueToken.v of type string',
      ],
      ['MQ', 'json: cannot unmarshal number into Go value of type storage.continueToken'],
    ] as const) {
      const { code, body } = await api.get(`${podsPath}?limit=1&continue=${text}`)
      assert.equal(code, 400)
      assert.equal(body.message, `invalid continue token: continue key is not valid: ${why}`)
    }
  })

  it('answers 410 to an old token, with one that goes on inconsistently', async () => {
    const old = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: 1, start: 'p5' }))
    const gone = await api.get(`${podsPath}?limit=2&continue=${old.toString('base64url')}`)
    assert.equal(gone.code, 410)
    assert.equal(gone.body.reason, 'Expired')
    const token = textOf(gone.body.metadata?.continue)
    assert.deepEqual(names(await api.get(`${podsPath}?limit=2&continue=${token}`)), ['p5', 'p6'])
  })

  it('knows the meanings of resourceVersion', async () => {
    const { body } = await api.get(podsPath)
    const now = Number(body.metadata?.resourceVersion)
    assert.equal((await api.get(`${podsPath}?resourceVersion=0`)).code, 200)
    const future = await api.get(`${podsPath}?resourceVersion=${now + 1000}`)
    assert.equal(future.code, 504)
    assert.equal(future.body.details?.causes?.[0]?.reason, 'ResourceVersionTooLarge')
    await api.post(podsPath, podBody('p8'))
    const exact = await api.get(`${podsPath}?resourceVersion=${now}&resourceVersionMatch=Exact`)
    assert.ok(!names(exact).includes('p8'))
    assert.equal(exact.body.metadata?.resourceVersion, String(now))
    const gone = await api.get(`${podsPath}?resourceVersion=1&resourceVersionMatch=Exact`)
    assert.equal(gone.code, 410)
    for (const query of [
      'resourceVersionMatch=Exact',
      'resourceVersion=5&resourceVersionMatch=Odd',
      'sendInitialEvents=true',
    ]) {
      assert.equal((await api.get(`${podsPath}?${query}`)).code, 422, query)
    }
    const paged = await api.get(`${podsPath}?limit=100&resourceVersion=${now}`)
    assert.ok(!names(paged).includes('p8'))
    const limited = async (limit: string) => {
      const { code, body } = await api.get(`${podsPath}?limit=${limit}`)
      return code === 200 ? 'fine' : textOf(body.message)
    }
    assert.equal(await limited('9223372036854775807'), 'fine')
    const parsing = 'strconv.ParseInt: parsing'
    assert.equal(await limited('x'), `${parsing} "x": invalid syntax`)
    assert.equal(await limited('1e30'), `${parsing} "1e30": invalid syntax`)
    const large = '99999999999999999999'
    assert.equal(await limited(large), `${parsing} "${large}": value out of range`)
    await api.delete(`${podsPath}/p8`)
  })

  it('takes any uint64 for a version, and nothing else', async () => {
    const one = `${podsPath}/p1`
    const future = '18446744073709551615'
    for (const path of [podsPath, one]) {
      const { code, body } = await api.get(`${path}?resourceVersion=${future}`)
      assert.equal(code, 504)
      assert.match(
        textOf(body.message),
        /^Timeout: Too large resource version: 18446744073709551615, c/,
      )
      assert.deepEqual(
        [body.details?.retryAfterSeconds, body.details?.causes],
        [1, [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }]],
      )
    }
    for (const [text, why] of [
      ['x', 'invalid syntax'],
      ['-1', 'invalid syntax'],
      ['18446744073709551616', 'value out of range'],
    ] as const) {
      const field = `resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": ${why}`
      const paths = {
        [podsPath]: `invalid resource version: ${field}`,
        [one]: field,
        [`${podsPath}?watch=1`]: field,
      }
      for (const [path, message] of Object.entries(paths)) {
        const mark = path.includes('?') ? '&' : '?'
        const { code, body } = await api.get(`${path}${mark}resourceVersion=${text}`)
        assert.deepEqual([code, body.message], [400, message])
      }
    }
    // What only lists have means nothing to the GET of one.
    assert.equal((await api.get(`${one}?limit=x&resourceVersionMatch=Exact`)).code, 200)
  })

  it('prints tables and bare metadata', async () => {
    const table = await api.get(podsPath, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    assert.equal(table.body.rows?.length, 7)
    assert.equal(table.body.rows?.[0]?.object?.kind, 'PartialObjectMetadata')
    const wanted = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    const partial = await api.get(podsPath, wanted)
    assert.equal(partial.body.kind, 'PartialObjectMetadataList')
    assert.equal(partial.body.items?.length, 7)
  })
})
