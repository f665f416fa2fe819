import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { encodeProtobuf } from '../../test/apiserver/protobuf-encoder.ts'
import { objectOf } from '../../test/apiserver/random-object.ts'
import { FuzzApi } from '../../test/apiserver/fuzz-api.ts'
import { listPaths, places, type Place } from '../../test/apiserver/places.ts'
import { podBody, podsPath, textOf, type Answer } from '../../test/apiserver/test-api.ts'

let api: FuzzApi

before(async () => {
  api = await FuzzApi.start()
  for (const name of ['a', 'b', 'c', 'd']) await api.send('POST', podsPath, podBody(name))
})

after(() => api[Symbol.dispose]())

const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' }
const sent = fc.constantFrom(...places).chain((place) =>
  fc.tuple(objectOf(place.type, 5), fc.boolean()).map(([fields, plain]) => {
    const { apiVersion, kind } = place
    const metadata = plain ? { name: 'a' } : fields['metadata']
    const object = { ...fields, ...(metadata && { metadata }), apiVersion, kind }
    return { place, bytes: encodeProtobuf(object, place.type) }
  }),
)

async function send({ method, path }: Place, bytes: Uint8Array): Promise<Answer> {
  return api.ask(method, path, { body: Buffer.from(bytes), headers: protobuf })
}

async function get(path: string, codes: readonly number[]): Promise<Answer> {
  const answer = await api.ask('GET', path)
  assert.ok(codes.includes(answer.code), `${answer.code} for ${path}`)
  return answer
}

describe('every place that takes a body', () => {
  it('takes protobuf, or says why not', () =>
    fc.assert(
      fc.asyncProperty(sent, async ({ place, bytes }) => {
        await send(place, bytes)
      }),
      { numRuns: 600 },
    ))

  it('refuses protobuf without its beginning', async () => {
    for (const place of places) {
      const { code } = await send(place, Buffer.from('K8s\0'))
      // exec, attach and port-forward have no body to be read.
      assert.ok([400, 404].includes(code), `${code} for ${place.method} ${place.path}`)
    }
  })

  it('survives protobuf that is cut off or damaged', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255))
    return fc.assert(
      fc.asyncProperty(sent, fc.nat(), fc.option(change), async ({ place, bytes }, cut, damage) => {
        const body = bytes.subarray(0, 4 + (cut % (bytes.length - 3)))
        if (damage !== null) body[damage[0] % body.length] = damage[1]
        await send(place, body)
      }),
      { numRuns: 600 },
    )
  })

  it('has lost nothing by that', () => api.verify())
})

describe('continue tokens', () => {
  it('are good as they were given, and refused when they were changed', async () => {
    const first = await get(`${podsPath}?limit=2`, [200])
    const token = textOf(first.body['metadata']?.['continue'])
    await get(`${podsPath}?limit=2&continue=${encodeURIComponent(token)}`, [200])
    const damaged = fc
      .tuple(fc.nat(token.length - 1), fc.string({ minLength: 0, maxLength: 3 }))
      .map(([at, text]) => token.slice(0, at) + text + token.slice(at + 1))
    const invented = fc
      .record(
        {
          v: fc.oneof(fc.constant('meta.k8s.io/v1'), fc.string()),
          rv: fc.oneof(fc.integer(), fc.string()),
          start: fc.oneof(fc.string(), fc.constantFrom('default/b\0', '../..', 'kube-system/x\0')),
        },
        { requiredKeys: [] },
      )
      .map((value) => Buffer.from(JSON.stringify(value)).toString('base64url'))
    await fc.assert(
      fc.asyncProperty(fc.oneof(damaged, invented, fc.string()), async (text) => {
        const query = new URLSearchParams({ limit: '1', continue: text }).toString()
        await get(`${podsPath}?${query}`, [200, 400, 410])
      }),
      { numRuns: 300 },
    )
  })
})

/** Pieces of selectors, in and out of order. */
const pieces = fc
  .array(
    fc.oneof(
      fc.constantFrom('a', 'app', 'x/y', '=', '==', '!=', '!', ',', ' in ', ' notin ', '(', ')'),
      fc.constantFrom('<', '>', ' ', 'metadata.name', 'spec.nodeName', 'status.phase', '\\,', '\\'),
      fc.string({ maxLength: 4 }),
      fc.constant('z'.repeat(80)),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))

describe('selectors', () => {
  it('select, or are refused', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...listPaths),
        fc.constantFrom('labelSelector', 'fieldSelector'),
        pieces,
        async (path, parameter, text) => {
          const query = new URLSearchParams({ [parameter]: text }).toString()
          await get(`${path}?${query}`, [200, 400])
        },
      ),
      { numRuns: 600 },
    ))

  it('of a watch are refused before it begins', () =>
    fc.assert(
      fc.asyncProperty(pieces, async (text) => {
        const query = new URLSearchParams({ labelSelector: text }).toString()
        const list = await get(`${podsPath}?${query}`, [200, 400])
        if (list.code === 400) await get(`${podsPath}?${query}&watch=true`, [400])
      }),
      { numRuns: 200 },
    ))
})
