import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as fc from 'fast-check'
import { patchTypes, podBody, podsPath, TestApi } from '../../test/apiserver/test-api.ts'

let api: TestApi

before(async () => {
  api = await TestApi.start()
  await api.post('/api/v1/nodes', {
    metadata: { name: 'n1' },
    status: { allocatable: { cpu: '2', memory: '4Gi' } },
  })
  await api.post(podsPath, podBody('web'))
  await api.post(`${podsPath}/web/binding`, { target: { kind: 'Node', name: 'n1' } })
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

async function survives(method: string, path: string, text: string, type: string): Promise<void> {
  const { code, body } = await api.send(method, path, text, type)
  assert.deepEqual(api.errors.splice(0), [], `${method} ${path} ${text}`)
  assert.ok(code < 500, `${code} for ${method} ${path} ${text}`)
  if (code >= 400) assert.deepEqual([body.kind, body.code], ['Status', code])
}

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
        await survives('POST', path, JSON.stringify(value), 'application/json')
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
        (target, type, value) => survives('PATCH', target, JSON.stringify(value), type),
      ),
      { numRuns: 800 },
    )
  })

  it('to replacements, bindings and deletions', () =>
    fc.assert(
      fc.asyncProperty(body, async (value) => {
        const text = JSON.stringify(value)
        await survives('PUT', `${podsPath}/web`, text, 'application/json')
        await survives('PUT', `${podsPath}/web/resize`, text, 'application/json')
        await survives('POST', `${podsPath}/web/binding`, text, 'application/json')
        await survives('DELETE', `${podsPath}/nobody`, text, 'application/json')
      }),
      runs,
    ))

  it('to text that is no JSON, and to YAML', () =>
    fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        await survives('POST', podsPath, text, 'application/json')
        await survives('POST', podsPath, text, 'application/yaml')
        await survives('PATCH', `${podsPath}/web`, text, patchTypes.strategic)
      }),
      runs,
    ))

  it('to queries', () => {
    const name = fc.constantFrom(
      'labelSelector',
      'fieldSelector',
      'continue',
      'limit',
      'resourceVersion',
      'resourceVersionMatch',
      'includeObject',
      'dryRun',
      'fieldValidation',
    )
    return fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.string()), async (parameters) => {
        const query = new URLSearchParams(parameters).toString()
        const { code } = await api.get(`${podsPath}?${query}`)
        assert.deepEqual(api.errors.splice(0), [], query)
        assert.ok(code < 500 || code === 504, `${code} for ${query}`)
      }),
      runs,
    )
  })

  it('to paths', () =>
    fc.assert(
      fc.asyncProperty(fc.webPath(), async (path) => {
        for (const prefix of ['', '/api', '/api/v1', '/apis', '/openapi/v3', podsPath]) {
          const { code } = await api.get(prefix + path)
          assert.deepEqual(api.errors.splice(0), [])
          assert.ok(code < 500)
        }
      }),
      runs,
    ))
})
