import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { encodeProtobuf } from '../../test/apiserver/protobuf-encoder.ts'
import { objectOf } from '../../test/apiserver/random-object.ts'
import { podBody, podsPath, TestApi, textOf, type Answer } from '../../test/apiserver/test-api.ts'
import { kindsOf } from './kinds/all-kinds.ts'
import { apiVersion, verbsOf } from './kinds/kind.ts'
import { hasType } from './schema/object-type.ts'

let api: TestApi

before(async () => {
  api = await TestApi.start()
  for (const name of ['a', 'b', 'c', 'd']) await api.post(podsPath, podBody(name))
})

after(() => api[Symbol.dispose]())

/** A place that takes bodies of a type. */
interface Place {
  readonly method: string
  readonly path: string
  readonly type: string
  readonly apiVersion: string
  readonly kind: string
}

const kinds = kindsOf('1.36')

/** Every collection that can be posted to, and every object and subresource with a body. */
const places: readonly Place[] = kinds.flatMap((kind): readonly Place[] => {
  const { group, version, namespaced, plural, type } = kind
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const collection = `${root}${namespaced ? '/namespaces/default' : ''}/${plural}`
  const own = { type, apiVersion: apiVersion(kind), kind: kind.kind }
  const options = { type: 'meta/v1.DeleteOptions', apiVersion: 'v1', kind: 'DeleteOptions' }
  const verbs = verbsOf(kind)
  return [
    ...(verbs.includes('create') ? [{ ...own, method: 'POST', path: collection }] : []),
    ...(verbs.includes('update') ? [{ ...own, method: 'PUT', path: `${collection}/a` }] : []),
    ...(verbs.includes('delete')
      ? [{ ...options, method: 'DELETE', path: `${collection}/x` }]
      : []),
    ...(kind.subresources ?? []).flatMap(({ name, verbs, responseKind }) => {
      const body = responseKind === undefined ? own : bodyOf(responseKind)
      const place = { ...body, path: `${collection}/a/${name}` }
      return [
        ...(verbs.includes('create') ? [{ ...place, method: 'POST' }] : []),
        ...(verbs.includes('update') ? [{ ...place, method: 'PUT' }] : []),
      ]
    }),
  ]
})

/** `policy/v1.Eviction` for policy/v1 Eviction; options of streams have no body. */
function bodyOf(gvk: { readonly group: string; readonly version: string; readonly kind: string }) {
  const name = `${gvk.group.split('.')[0] || 'core'}/${gvk.version}.${gvk.kind}`
  const type = hasType(name) ? name : 'meta/v1.DeleteOptions'
  return { type, apiVersion: apiVersion(gvk), kind: gvk.kind }
}

function assertStatus(answer: Answer, codes: readonly number[], what: string): void {
  const { code, body, text } = answer
  assert.deepEqual(api.errors.splice(0), [], what)
  assert.ok(codes.includes(code), `${code} for ${what}: ${text}`)
  if (code >= 400) {
    assert.deepEqual([body.kind, body.code, body.status], ['Status', code, 'Failure'], what)
    assert.notEqual(textOf(body.reason), '', what)
  }
}

const protobuf = { 'content-type': 'application/vnd.kubernetes.protobuf' }
const sent = fc.constantFrom(...places).chain((place) =>
  objectOf(place.type, 5).map((fields) => {
    const { apiVersion, kind } = place
    return { place, bytes: encodeProtobuf({ ...fields, apiVersion, kind }, place.type) }
  }),
)
const refusals = [400, 403, 404, 405, 409, 415, 422]

async function send({ method, path }: Place, bytes: Uint8Array): Promise<Answer> {
  return api.ask(method, path, { body: Buffer.from(bytes), headers: protobuf })
}

describe('every place that takes a body', () => {
  it('takes protobuf, or says why not', () =>
    fc.assert(
      fc.asyncProperty(sent, async ({ place, bytes }) => {
        const what = `${place.method} ${place.path}`
        assertStatus(await send(place, bytes), [200, 201, 202, ...refusals], what)
      }),
      { numRuns: 600 },
    ))

  it('refuses protobuf without its beginning', async () => {
    for (const place of places) {
      const answer = await send(place, Buffer.from('K8s\0'))
      // exec, attach and port-forward have no body to be read.
      assertStatus(answer, [400, 404], `${place.method} ${place.path}`)
    }
  })

  it('survives protobuf that is cut off or damaged', () => {
    const change = fc.tuple(fc.nat(), fc.nat(255))
    return fc.assert(
      fc.asyncProperty(sent, fc.nat(), fc.option(change), async ({ place, bytes }, cut, damage) => {
        const body = bytes.subarray(0, 4 + (cut % (bytes.length - 3)))
        if (damage !== null) body[damage[0] % body.length] = damage[1]
        const what = `${place.method} ${place.path} ${Buffer.from(body).toString('hex')}`
        assertStatus(await send(place, body), [200, 201, 202, ...refusals], what)
      }),
      { numRuns: 600 },
    )
  })
})

describe('continue tokens', () => {
  it('are good as they were given, and refused when they were changed', async () => {
    const first = await api.get(`${podsPath}?limit=2`)
    const token = textOf(first.body['metadata']?.['continue'])
    const rest = await api.get(`${podsPath}?limit=2&continue=${encodeURIComponent(token)}`)
    assert.equal(rest.code, 200)
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
        assertStatus(await api.get(`${podsPath}?${query}`), [200, 400, 410], text)
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
  const collections = places.filter(({ method }) => method === 'PUT' || method === 'POST')
  const lists = [...new Set(collections.map(({ path }) => path.replace(/\/a(\/.*)?$/, '')))]
  const listable = lists.filter((path) => !path.includes('review'))

  it('select, or are refused', () =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...listable),
        fc.constantFrom('labelSelector', 'fieldSelector'),
        pieces,
        async (path, parameter, text) => {
          const query = new URLSearchParams({ [parameter]: text }).toString()
          assertStatus(await api.get(`${path}?${query}`), [200, 400], `${path}?${query}`)
        },
      ),
      { numRuns: 600 },
    ))

  it('of a watch are refused before it begins', () =>
    fc.assert(
      fc.asyncProperty(pieces, async (text) => {
        const query = new URLSearchParams({ labelSelector: text }).toString()
        const list = await api.get(`${podsPath}?${query}`)
        if (list.code === 200) return
        assertStatus(await api.get(`${podsPath}?${query}&watch=true`), [400], text)
      }),
      { numRuns: 200 },
    ))
})
