import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { FuzzApi } from '../../test/apiserver/fuzz-api.ts'
import { patchTypes, podBody, podsPath } from '../../test/apiserver/test-api.ts'

let api: FuzzApi

before(async () => {
  api = await FuzzApi.start()
  await api.send('POST', '/api/v1/nodes', {
    metadata: { name: 'n1' },
    status: { allocatable: { cpu: '2', memory: '4Gi' } },
  })
  await api.send('POST', podsPath, podBody('web'))
  await api.send('POST', `${podsPath}/web/binding`, {
    metadata: { name: 'web' },
    target: { kind: 'Node', name: 'n1' },
  })
})

after(() => api[Symbol.dispose]())

/** Field names that the server looks at, so that random documents get somewhere. */
const names =
  'metadata name namespace labels annotations finalizers generateName resourceVersion uid spec ' +
  'containers initContainers resources requests limits cpu memory image resizePolicy status ' +
  'conditions type phase containerStatuses nodeName tolerations volumes env ports target kind ' +
  'apiVersion data stringData $patch $setElementOrder/containers $retainKeys op path value ' +
  '$deleteFromPrimitiveList/finalizers __proto__ constructor items preconditions dryRun os ' +
  'gracePeriodSeconds involvedObject deletionTimestamp'

const leaf = fc.oneof(
  fc.constantFrom(
    'main',
    'web',
    '100m',
    '1Gi',
    '-1',
    '1e3',
    'x'.repeat(300),
    '',
    'Always',
    'replace',
  ),
  fc.constantFrom('Guaranteed', '/spec/containers/0', 'add', 'merge', 'delete', 'RestartContainer'),
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
)

const { document } = fc.letrec<{ document: unknown; object: unknown }>((tie) => ({
  document: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    leaf,
    fc.array(tie('document'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...names.split(' ')), tie('document'), { maxKeys: 6 }),
}))

const podLike = fc.record(
  {
    metadata: fc.record({ name: fc.constantFrom('web', 'other', '') }),
    spec: fc.record(
      {
        containers: fc.array(
          fc.record(
            { name: fc.constantFrom('main', 'b'), image: leaf, resources: document, env: document },
            { requiredKeys: ['name'] },
          ),
          { maxLength: 3 },
        ),
        initContainers: document,
        resources: document,
        volumes: document,
        nodeName: leaf,
      },
      { requiredKeys: [] },
    ),
    status: document,
  },
  { requiredKeys: [] },
)

const body = fc.oneof(document, podLike)

const collections = [
  podsPath,
  '/api/v1/namespaces',
  '/api/v1/nodes',
  '/api/v1/namespaces/default/events',
  '/api/v1/namespaces/default/configmaps',
  '/api/v1/namespaces/default/secrets',
  '/api/v1/namespaces/default/services',
  '/apis/coordination.k8s.io/v1/namespaces/default/leases',
]

const runs = { numRuns: 300 }

describe('whatever comes, the answer is a Status', () => {
  it('to creations', () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...collections), body, async (path, value) => {
        await api.send('POST', path, JSON.stringify(value), 'application/json')
      }),
      runs,
    ))

  it('to patches', () => {
    const paths = ['', '/resize', '/status'].map((part) => `${podsPath}/web${part}`)
    const path = fc.constantFrom(...paths, '/api/v1/nodes/n1', '/api/v1/nodes/n1/status')
    return fc.assert(
      fc.asyncProperty(
        path,
        fc.constantFrom(...Object.values(patchTypes)),
        fc.oneof(body, fc.array(document, { maxLength: 3 })),
        async (target, type, value) => {
          await api.send('PATCH', target, JSON.stringify(value), type)
        },
      ),
      { numRuns: 800 },
    )
  })

  it('to replacements, bindings and deletions', () =>
    fc.assert(
      fc.asyncProperty(body, async (value) => {
        const text = JSON.stringify(value)
        const named = JSON.stringify({ ...(value as object), metadata: { name: 'web' } })
        for (const path of [`${podsPath}/web`, `${podsPath}/web/resize`]) {
          await api.send('PUT', path, text)
          await api.send('PUT', path, named)
        }
        await api.send('POST', `${podsPath}/web/binding`, text, 'application/json')
        await api.send('POST', `${podsPath}/web/binding`, named, 'application/json')
        await api.send('DELETE', `${podsPath}/nobody`, text, 'application/json')
      }),
      runs,
    ))

  it('to text that is no JSON, and to YAML', () =>
    fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await api.send('POST', podsPath, text, 'application/json')
        await api.send('POST', podsPath, text, 'application/yaml')
        await api.send('PATCH', `${podsPath}/web`, text, patchTypes.strategic)
      }),
      runs,
    ))

  it('to paths', () =>
    fc.assert(
      fc.asyncProperty(fc.webPath(), async (path) => {
        for (const prefix of ['', '/api', '/api/v1', '/apis', '/openapi/v3', podsPath]) {
          await api.ask('GET', prefix + path)
        }
      }),
      runs,
    ))

  it('and loses nothing', () => api.verify())
})
