import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cpuMsOf } from '../../../test/support/cpu-time.ts'
import * as fc from 'fast-check'
import type { JsonObject, JsonValue } from '../schema/json-value.ts'
import { objectType } from '../schema/object-type.ts'
import { applyPatch } from './apply-patch.ts'
import { patchTypes, type PatchType } from './patch-types.ts'

const pod = objectType('core/v1.Pod')

function patched(type: PatchType, current: JsonObject, patch: unknown): unknown {
  const result = applyPatch(type, pod, current, patch as JsonValue)
  assert.equal(result.kind, 'patched', JSON.stringify(result))
  return result.kind === 'patched' ? result.object : undefined
}

function refused(type: PatchType, current: JsonObject, patch: unknown) {
  const result = applyPatch(type, pod, current, patch as JsonValue)
  assert.equal(result.kind, 'invalid', JSON.stringify(result))
  return result.kind === 'invalid' ? result : assert.fail()
}

function running(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', labels: { app: 'web' }, finalizers: ['a', 'b'] },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'main:1',
          args: ['x'],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1' } },
          ports: [{ containerPort: 80 }, { containerPort: 81 }],
        },
        { name: 'side', image: 'side:1', resources: {} },
      ],
      volumes: [{ name: 'data', emptyDir: {} }],
      tolerations: [{ key: 'a' }, { key: 'b' }],
    },
  }
}

function containersOf(object: unknown): readonly JsonObject[] {
  return (object as { spec: { containers: JsonObject[] } }).spec.containers
}

describe('a JSON merge patch', () => {
  // The examples of RFC 7386, appendix A, that start from an object.
  const cases: readonly (readonly [JsonObject, JsonObject, JsonObject])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [current, patch, wanted] of cases) {
    test(`${JSON.stringify(current)} with ${JSON.stringify(patch)}`, () => {
      assert.deepEqual(patched(patchTypes.merge, current, patch), wanted)
    })
  }

  test('must be an object', () => {
    const why = 'into Go value of type map[string]interface {}'
    const names = [
      [[], 'array'],
      ['x', 'string'],
      [5, 'number'],
    ] as const
    for (const [patch, name] of names) {
      const { code, message } = refused(patchTypes.merge, {}, patch)
      assert.equal(code, 400)
      assert.equal(message, `error decoding patch: json: cannot unmarshal ${name} ${why}`)
      const strategic = refused(patchTypes.strategic, {}, patch)
      assert.equal(strategic.message, `json: cannot unmarshal ${name} ${why}`)
    }
    assert.equal(refused(patchTypes.merge, {}, null).code, 400)
  })
})

describe('a JSON patch', () => {
  test('resizes a container', () => {
    const path = '/spec/containers/0/resources/requests/cpu'
    const object = patched(patchTypes.json, running(), [
      { op: 'test', path: '/spec/containers/0/name', value: 'main' },
      { op: 'replace', path, value: '200m' },
      { op: 'add', path: '/spec/containers/1/resources/limits', value: { cpu: '1' } },
    ])
    assert.deepEqual(containersOf(object)[0]?.['resources'], {
      requests: { cpu: '200m', memory: '64Mi' },
      limits: { cpu: '1' },
    })
    assert.deepEqual(containersOf(object)[1]?.['resources'], { limits: { cpu: '1' } })
  })

  const failures: readonly (readonly [unknown, number, string])[] = [
    [
      {},
      400,
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [
      [1],
      400,
      'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp',
    ],
    [
      [{ op: 'replace', path: '/spec/x/y', value: 1 }],
      422,
      'replace operation does not apply: doc is missing path: "/spec/x/y": missing value',
    ],
    [
      [{ op: 'remove', path: '/spec/containers/2' }],
      422,
      'remove operation does not apply: doc is missing path: "/spec/containers/2": missing value',
    ],
    [
      [{ op: 'test', path: '/metadata/name', value: 'other' }],
      422,
      'testing value /metadata/name failed: test failed',
    ],
    [[{ op: 'frobnicate', path: '/a' }], 422, 'Unexpected kind: frobnicate'],
    [[{ op: 'add', path: '/a' }], 422, 'add operation does not apply: value is missing'],
    [
      [{ op: 'add', path: '/__proto__/polluted', value: 1 }],
      422,
      'add operation does not apply: doc is missing path: "/__proto__/polluted": missing value',
    ],
  ]
  for (const [patch, code, why] of failures) {
    test(`fails: ${why}`, () => {
      const result = refused(patchTypes.json, running(), patch)
      assert.equal(result.code, code)
      assert.equal(result.causes?.[0]?.message ?? result.message, why)
    })
  }

  test('is bounded in length', () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'remove', path: '/a' }))
    assert.equal(refused(patchTypes.json, {}, operations).code, 413)
  })

  test('is bounded in what it copies', () => {
    const doubled = Array.from({ length: 40 }, (_, at) => ({
      op: 'copy',
      from: '',
      path: `/${at}`,
    }))
    const { code, causes } = refused(patchTypes.json, { a: 'x'.repeat(1000) }, doubled)
    assert.equal(code, 422)
    assert.match(causes?.[0]?.message ?? '', /^Unable to complete the copy, the accumulated size/)
  })

  test('is bounded in how many items of lists it moves aside', () => {
    const args = Array.from({ length: 10_000 }, (_, index) => `a${index}`)
    for (const [operation, most] of [
      [{ op: 'add', path: '/args/0', value: '' }, 900],
      [{ op: 'remove', path: '/args/0' }, 1000],
      [{ op: 'move', from: '/args/0', path: '/args/-' }, 500],
    ] as const) {
      patched(
        patchTypes.json,
        { args },
        Array.from({ length: most }, () => operation),
      )
      const { code, message } = refused(
        patchTypes.json,
        { args },
        Array.from({ length: 2 * most + 100 }, () => operation),
      )
      assert.equal(code, 413)
      assert.match(message, /may move 10000000 items of lists/)
    }
  })

  test('tests long lists in little time', () => {
    const args = Array.from({ length: 5000 }, (_, index) => `a${index}`)
    const wrong = [{ op: 'test', path: '/args', value: args.map((arg) => `${arg}b`) }]
    assert.ok(cpuMsOf(() => refused(patchTypes.json, { args }, wrong)) < 1000)
    patched(patchTypes.json, { args }, [{ op: 'test', path: '/args', value: args }])
  })

  test('takes what is missing for null', () => {
    patched(patchTypes.json, {}, [{ op: 'test', path: '/a', value: null }])
    refused(patchTypes.json, { a: 0 }, [{ op: 'test', path: '/a', value: null }])
  })

  test('appends with - and inserts by index', () => {
    const object = patched(patchTypes.json, { l: [1, 2] }, [
      { op: 'add', path: '/l/-', value: 4 },
      { op: 'add', path: '/l/2', value: 3 },
    ])
    assert.deepEqual(object, { l: [1, 2, 3, 4] })
  })
})

describe('a strategic merge patch', () => {
  const strategic = (patch: unknown, current = running()) =>
    patched(patchTypes.strategic, current, patch)

  test('merges containers by name, as kubectl patch --subresource resize sends', () => {
    const object = strategic({
      spec: { containers: [{ name: 'main', resources: { requests: { cpu: '200m' } } }] },
    })
    const [main, side] = containersOf(object)
    assert.deepEqual(main?.['resources'], {
      requests: { cpu: '200m', memory: '64Mi' },
      limits: { cpu: '1' },
    })
    assert.equal(main?.['image'], 'main:1')
    assert.deepEqual(side, { name: 'side', image: 'side:1', resources: {} })
  })

  test('keeps the order that kubectl edit sends', () => {
    const object = strategic({
      spec: {
        '$setElementOrder/containers': [{ name: 'side' }, { name: 'main' }],
        containers: [{ name: 'side', resources: { limits: { memory: '1Gi' } } }],
      },
    })
    assert.deepEqual(
      containersOf(object).map(({ name }) => name),
      ['side', 'main'],
    )
    assert.deepEqual(containersOf(object)[0]?.['resources'], { limits: { memory: '1Gi' } })
  })

  test('an order alone only sorts', () => {
    const object = strategic({
      spec: { '$setElementOrder/containers': [{ name: 'side' }, { name: 'main' }] },
    })
    assert.equal(containersOf(object)[0]?.['name'], 'side')
    assert.equal(containersOf(object).length, 2)
  })

  test('items that the order does not name keep their place', () => {
    const current = { metadata: { finalizers: ['a', 'x', 'b'] } }
    const object = strategic(
      {
        metadata: { '$setElementOrder/finalizers': ['b', 'c', 'a'], finalizers: ['c'] },
      },
      current,
    )
    assert.deepEqual(object, { metadata: { finalizers: ['x', 'b', 'c', 'a'] } })
  })

  test('renames as the tests of Kubernetes do: delete, add and order', () => {
    const object = strategic({
      spec: {
        '$setElementOrder/containers': [{ name: 'new' }, { name: 'side' }],
        containers: [
          { name: 'new', image: 'main:1' },
          { $patch: 'delete', name: 'main' },
        ],
      },
    })
    assert.deepEqual(
      containersOf(object).map(({ name }) => name),
      ['new', 'side'],
    )
  })

  test('null removes a field', () => {
    const object = strategic({
      metadata: { labels: { app: null, other: null } },
      spec: { containers: [{ name: 'main', resources: { limits: null } }], volumes: null },
    }) as JsonObject
    assert.deepEqual((object['metadata'] as JsonObject)['labels'], {})
    assert.deepEqual(containersOf(object)[0]?.['resources'], {
      requests: { cpu: '100m', memory: '64Mi' },
    })
    assert.equal((object['spec'] as JsonObject)['volumes'], undefined)
  })

  test('$patch replaces an object and a list', () => {
    const object = strategic({
      spec: {
        containers: [{ name: 'main', resources: { $patch: 'replace', limits: { cpu: '2' } } }],
        volumes: [{ name: 'other', hostPath: { path: '/x' } }, { $patch: 'replace' }],
      },
    }) as JsonObject
    assert.deepEqual(containersOf(object)[0]?.['resources'], { limits: { cpu: '2' } })
    assert.deepEqual((object['spec'] as JsonObject)['volumes'], [
      { name: 'other', hostPath: { path: '/x' } },
    ])
  })

  test('$patch delete empties an object', () => {
    const object = strategic({ metadata: { labels: { $patch: 'delete' } } }) as JsonObject
    assert.deepEqual((object['metadata'] as JsonObject)['labels'], {})
  })

  test('$retainKeys changes the source of a volume', () => {
    const object = strategic({
      spec: {
        volumes: [{ name: 'data', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }],
      },
    }) as JsonObject
    assert.deepEqual((object['spec'] as JsonObject)['volumes'], [
      { name: 'data', hostPath: { path: '/x' } },
    ])
  })

  test('finalizers are a set', () => {
    const add = strategic({ metadata: { finalizers: ['c', 'a'] } }) as JsonObject
    assert.deepEqual((add['metadata'] as JsonObject)['finalizers'], ['c', 'a', 'b'])
    const remove = strategic({
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a', 'z'] },
    }) as JsonObject
    assert.deepEqual((remove['metadata'] as JsonObject)['finalizers'], ['b'])
  })

  test('lists without a key are replaced', () => {
    const object = strategic({
      spec: { containers: [{ name: 'main', args: ['y'] }], tolerations: [{ key: 'c' }] },
    }) as JsonObject
    assert.deepEqual(containersOf(object)[0]?.['args'], ['y'])
    assert.deepEqual((object['spec'] as JsonObject)['tolerations'], [{ key: 'c' }])
  })

  test('ports merge by containerPort', () => {
    const object = strategic({
      spec: { containers: [{ name: 'main', ports: [{ containerPort: 81, name: 'b' }] }] },
    })
    assert.deepEqual(containersOf(object)[0]?.['ports'], [
      { containerPort: 80 },
      { containerPort: 81, name: 'b' },
    ])
  })

  test('what is new comes without nulls and directives', () => {
    const object = strategic(
      {
        spec: {
          nodeSelector: { a: 'b', c: null },
          containers: [{ name: 'x', env: [{ name: 'A' }, { $patch: 'delete', name: 'B' }] }],
        },
      },
      {},
    )
    assert.deepEqual(object, {
      spec: { nodeSelector: { a: 'b' }, containers: [{ name: 'x', env: [{ name: 'A' }] }] },
    })
  })

  const failures: readonly (readonly [unknown, number, RegExp])[] = [
    [[], 400, /^json: cannot unmarshal array into Go value of type map/],
    [{ spec: { containers: [{ image: 'x' }] } }, 422, /does not contain declared merge key: name/],
    [{ spec: { containers: ['x'] } }, 422, /list items must be objects/],
    [{ spec: { containers: [{ name: 'a', $patch: 'merge' }] } }, 422, /merging lists cannot yet/],
    [{ spec: { $patch: 'frob' } }, 400, /unknown patch type/],
    [{ spec: { '$setElementOrder/containers': 5 } }, 400, /setElementOrder/],
    [{ spec: { $setElementOrder: [] } }, 400, /setElementOrder/],
    [{ metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }, 400, /primitive list/],
    [
      { spec: { volumes: [{ name: 'data', $retainKeys: ['name'], emptyDir: {} }] } },
      400,
      /retainKeys/,
    ],
    [
      {
        spec: {
          '$setElementOrder/containers': [{ name: 'main' }],
          containers: [{ name: 'other' }],
        },
      },
      422,
      /doesn't match \$setElementOrder/,
    ],
  ]
  for (const [patch, code, why] of failures) {
    test(`fails: ${JSON.stringify(patch)}`, () => {
      const result = refused(patchTypes.strategic, running(), patch)
      assert.equal(result.code, code)
      assert.match(result.causes?.[0]?.message ?? result.message, why)
    })
  }
})

describe('whatever comes', () => {
  const directive = fc.constantFrom(
    '$patch',
    '$retainKeys',
    '$setElementOrder/containers',
    '$deleteFromPrimitiveList/finalizers',
    '__proto__',
    'spec',
    'metadata',
    'containers',
    'finalizers',
    'name',
  )
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 1, 'main', 'delete', 'replace', true),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(directive, tie('tree'), { maxKeys: 4 }),
    ),
  }))
  const operation = fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'x'),
      path: fc.constantFrom(
        '',
        '/',
        '/spec',
        '/spec/containers/0',
        '/spec/containers/-',
        '/a~1',
        5,
      ),
      from: fc.constantFrom('', '/spec', '/spec/containers/0', '/x'),
      value: tree,
    },
    { requiredKeys: [] },
  )

  test('a patch gives a value and changes neither argument', () => {
    const anyPatch = fc.oneof(tree, fc.array(operation, { maxLength: 4 }))
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(patchTypes)), anyPatch, (type, patch) => {
        const current = running()
        const before = JSON.stringify(patch)
        const result = applyPatch(type, pod, current, patch as JsonValue)
        assert.deepEqual(current, running())
        assert.equal(JSON.stringify(patch), before)
        assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
        if (result.kind === 'patched') assert.equal(typeof result.object, 'object')
      }),
      { numRuns: 2000 },
    )
  })

  test('a merge patch is idempotent', () => {
    const object = fc.dictionary(directive, tree)
    fc.assert(
      fc.property(object, (patch) => {
        const once = patched(patchTypes.merge, running(), patch) as JsonObject
        assert.deepEqual(patched(patchTypes.merge, once, patch), once)
      }),
    )
  })
})
