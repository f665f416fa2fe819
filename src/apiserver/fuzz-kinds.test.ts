import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { FuzzApi } from '../../test/apiserver/fuzz-api.ts'
import { listPaths, patchPlaces, places } from '../../test/apiserver/places.ts'
import { objectOf } from '../../test/apiserver/random-object.ts'
import { patchTypes, podBody } from '../../test/apiserver/test-api.ts'

let api: FuzzApi

/** What an object `a` of some kinds must have. */
const bodies: Readonly<Record<string, object>> = {
  pods: podBody('a'),
  services: { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } },
  limitranges: { metadata: { name: 'a' }, spec: { limits: [{ type: 'Pod', max: { cpu: '64' } }] } },
}

before(async () => {
  api = await FuzzApi.start()
  for (const path of listPaths) {
    const body = bodies[path.split('/').at(-1) ?? ''] ?? { metadata: { name: 'a' } }
    await api.send('POST', path, body)
  }
})

after(() => api[Symbol.dispose]())

/** Good ones so often that bad ones do not keep the rest from being tried. */
function mostly<T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: good, weight: 12 }, { arbitrary: bad, weight: 1 })
}

/** Often a good name, so that many objects are good. Owners would have the object collected. */
function named(fields: Readonly<Record<string, unknown>>, name: string, plain: boolean) {
  const { ownerReferences: _owners, ...metadata } = (fields['metadata'] ?? {}) as Record<
    string,
    unknown
  >
  return { ...fields, metadata: { ...(plain ? {} : metadata), name } }
}

const name = fc.constantFrom('one', 'two', 'three', 'a', 'Not_Good', '')
// An eviction would take away what the others are tried on.
const posts = places.filter(({ method, path }) => method === 'POST' && !path.endsWith('/eviction'))

describe('every kind', () => {
  it('is made from JSON, or says why not', () => {
    const made = fc.constantFrom(...posts).chain((place) =>
      fc.tuple(objectOf(place.type, 5), name, fc.boolean()).map(([fields, name, plain]) => {
        const { apiVersion, kind } = place
        return { place, body: { ...named(fields, name, plain), apiVersion, kind } }
      }),
    )
    return fc.assert(
      fc.asyncProperty(made, async ({ place, body }) => {
        await api.send('POST', place.path, body)
      }),
      { numRuns: 800 },
    )
  })

  it('takes patches, or says why not', () => {
    const { merge, strategic, json } = patchTypes
    const pointer = fc
      .array(fc.constantFrom('metadata', 'labels', 'spec', 'status', 'data', '0', '-', 'a'))
      .map((parts) => parts.map((part) => `/${part}`).join(''))
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
      path: pointer,
      from: pointer,
      value: fc.jsonValue(),
    })
    const patch = fc.constantFrom(...patchPlaces).chain((place) =>
      fc.oneof(
        fc
          .tuple(fc.constantFrom(merge, strategic), objectOf(place.type, 4))
          .map(([type, fields]) => {
            return { place, type, body: { ...fields, metadata: { labels: { a: 'b' } } } }
          }),
        fc.array(operation, { maxLength: 3 }).map((body) => ({ place, type: json, body })),
      ),
    )
    return fc.assert(
      fc.asyncProperty(patch, async ({ place, type, body }) => {
        await api.send('PATCH', place.path, body, type)
      }),
      { numRuns: 800 },
    )
  })

  it('is listed and watched by any query, or says why not', () => {
    const flag = mostly(fc.constantFrom('true', 'false', '1'), fc.constantFrom('', 'maybe'))
    const number = mostly(fc.constantFrom('0', '1'), fc.string({ maxLength: 3 }))
    const match = mostly(fc.constant('NotOlderThan'), fc.constantFrom('Exact', 'Unset', ''))
    const selector = mostly(fc.constantFrom('', 'metadata.name=a'), fc.string())
    const query = fc.record(
      {
        watch: flag,
        sendInitialEvents: flag,
        allowWatchBookmarks: flag,
        timeoutSeconds: number,
        resourceVersion: number,
        resourceVersionMatch: match,
        limit: number,
        continue: mostly(fc.constant(''), fc.string()),
        labelSelector: mostly(fc.constantFrom('', 'a', 'a in (b)'), fc.string()),
        fieldSelector: selector,
        includeObject: mostly(fc.constantFrom('None', 'Metadata', 'Object'), fc.constant('All')),
      },
      { requiredKeys: [] },
    )
    return fc.assert(
      fc.asyncProperty(fc.constantFrom(...listPaths), query, async (path, parameters) => {
        await api.watch(`${path}?${new URLSearchParams(parameters).toString()}`)
      }),
      { numRuns: 600 },
    )
  })

  it('is deleted by what says how, and stays otherwise', () => {
    const grace = mostly<unknown>(fc.constantFrom(0, 1, 30), fc.constantFrom(-1, 1.5, 'soon'))
    const policies = fc.constantFrom('Orphan', 'Background', 'Foreground')
    const policy = mostly<unknown>(policies, fc.constantFrom('Never', null))
    const preconditions = fc.constantFrom({ uid: 'x' }, { resourceVersion: '1' }, null)
    const options = fc.record(
      {
        gracePeriodSeconds: grace,
        propagationPolicy: policy,
        preconditions: mostly<unknown>(fc.constant({}), preconditions),
        dryRun: mostly<unknown>(fc.constantFrom(['All'], []), fc.constantFrom(['x'], 'All')),
      },
      { requiredKeys: [] },
    )
    const query = fc.record(
      {
        gracePeriodSeconds: grace.map(String),
        propagationPolicy: policy.map(String),
        dryRun: mostly(fc.constantFrom('All', ''), fc.constant('None')),
      },
      { requiredKeys: [] },
    )
    let count = 0
    const victims = listPaths.filter((path) => /configmaps|leases|pods$/.test(path))
    return fc.assert(
      fc.asyncProperty(fc.constantFrom(...victims), options, query, async (path, body, asked) => {
        count += 1
        const victim = `${path}/victim-${count}`
        const metadata = { name: `victim-${count}` }
        await api.send('POST', path, path.endsWith('pods') ? podBody(metadata.name) : { metadata })
        const before = await api.ask('GET', victim)
        assert.equal(before.code, 200)
        const parameters = new URLSearchParams(asked).toString()
        const { code } = await api.send('DELETE', `${victim}?${parameters}`, body)
        if (code >= 300) assert.equal((await api.ask('GET', victim)).text, before.text)
      }),
      { numRuns: 300 },
    )
  })

  it('has lost nothing by that', () => api.verify())
})
