import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod } from '../pod.ts'
import type { Volume } from '../pod/volume.ts'
import { environmentOf, type Sources } from './environment.ts'
import { type Contents, contentsOf, referencesOf } from './reference.ts'
import { filesOfVolume } from './volume-files.ts'

const pod: Pod = {
  metadata: { name: 'p', namespace: 'n', uid: 'u', labels: { b: '2', a: 'x"y' } },
  spec: {
    nodeName: 'here',
    containers: [
      {
        name: 'c',
        resources: {
          requests: { cpu: '150m', memory: '100Mi' },
          limits: { cpu: '1200m', memory: '200Mi' },
        },
      },
      { name: 'bare' },
    ],
  },
}

const objects: Readonly<Record<string, Contents>> = {
  'configmap/map': contentsOf('configmap', {
    data: { a: '1', b: '2' },
    binaryData: { bin: 'AP8=' },
  }),
  'secret/key': contentsOf('secret', { data: { s: btoa('hidden') } }),
}

const sources: Sources = {
  pod,
  place: { nodeName: 'here', hostIP: '10.0.0.1', podIPs: ['10.1.0.2'] },
  allocatable: { cpu: '4', memory: '8Gi' },
  lookUp: ({ kind, name }) => objects[`${kind}/${name}`],
  token: ({ audience }) => (audience === 'none' ? undefined : `token for ${audience}`),
}

/** `path=text mode` for each file, or the message. */
function listed(volume: Omit<Volume, 'name'>): readonly string[] | string {
  const result = filesOfVolume({ name: 'v', ...volume }, sources)
  if (result.kind === 'other') return 'other'
  if (result.kind === 'missing') return result.message
  return [...result.files].map(
    ([path, { data, mode }]) =>
      `${path}=${new TextDecoder('latin1').decode(data)} ${mode.toString(8)}`,
  )
}

describe('filesOfVolume', () => {
  test('a ConfigMap with text and bytes', () => {
    assert.deepEqual(listed({ configMap: { name: 'map' } }), ['a=1 644', 'b=2 644', 'bin=\0ÿ 644'])
  })

  test('items choose, rename and have modes of their own', () => {
    const items = [{ key: 'b', path: 'd/e', mode: 0o600 }]
    assert.deepEqual(listed({ configMap: { name: 'map', items, defaultMode: 0o400 } }), [
      'd/e=2 600',
    ])
  })

  test('a Secret is decoded', () => {
    assert.deepEqual(listed({ secret: { secretName: 'key', defaultMode: 0o400 } }), [
      's=hidden 400',
    ])
  })

  test('where the API is comes first, and only if pods may use it', () => {
    const api = { host: '10.87.0.1', port: 6443 }
    const container = { name: 'c', env: [{ name: 'KUBERNETES_SERVICE_PORT', value: '1' }] }
    assert.deepEqual(environmentOf(container, { ...sources, api }), {
      kind: 'ready',
      variables: [
        { key: 'KUBERNETES_SERVICE_HOST', value: '10.87.0.1' },
        { key: 'KUBERNETES_SERVICE_PORT', value: '1' },
        { key: 'KUBERNETES_SERVICE_PORT_HTTPS', value: '6443' },
      ],
    })
    assert.deepEqual(environmentOf({ name: 'c' }, sources), { kind: 'ready', variables: [] })
  })

  test('what is missing is named, unless it is optional', () => {
    assert.equal(listed({ configMap: { name: 'no' } }), 'configmap "no" not found')
    assert.equal(listed({ secret: { secretName: 'no' } }), 'secret "no" not found')
    assert.deepEqual(listed({ configMap: { name: 'no', optional: true } }), [])
    const items = [{ key: 'z', path: 'z' }]
    assert.equal(
      listed({ configMap: { name: 'map', items } }),
      'references non-existent configmap key: z in configmap n/map',
    )
    assert.deepEqual(listed({ configMap: { name: 'map', items, optional: true } }), [])
  })

  test('the pod itself', () => {
    const resource = (name: string, divisor: string, containerName = 'c') => ({
      path: `${containerName}-${name}`,
      resourceFieldRef: { containerName, resource: name, divisor },
    })
    const items = [
      { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
      { path: 'b', fieldRef: { fieldPath: "metadata.labels['b']" } },
      { path: 'none', fieldRef: { fieldPath: "metadata.labels['constructor']" } },
      resource('limits.cpu', '0'),
      resource('limits.cpu', '1m', 'bare'),
      resource('requests.memory', '1Mi'),
      resource('limits.memory', '1k'),
      resource('requests.cpu', '0', 'bare'),
    ]
    assert.deepEqual(listed({ downwardAPI: { items } }), [
      'labels=a="x\\"y"\nb="2" 644',
      'b=2 644',
      'none= 644',
      'c-limits.cpu=2 644',
      'bare-limits.cpu=4000 644',
      'c-requests.memory=100 644',
      'c-limits.memory=209716 644',
      'bare-requests.cpu=0 644',
    ])
  })

  test('a projected volume has them all, and tokens', () => {
    const all = [
      { configMap: { name: 'map', items: [{ key: 'a', path: 'a' }] } },
      { secret: { name: 'key' } },
      { serviceAccountToken: { audience: 'me', path: 'token' } },
    ]
    assert.deepEqual(listed({ projected: { sources: all, defaultMode: 0o440 } }), [
      'a=1 440',
      's=hidden 440',
      'token=token for me 440',
    ])
    const none = [{ serviceAccountToken: { audience: 'none', path: 'token' } }]
    assert.match(String(listed({ projected: { sources: none } })), /^failed to fetch token/)
  })

  test('other volumes are none of this', () => {
    assert.equal(listed({ emptyDir: {} }), 'other')
  })
})

describe('environmentOf', () => {
  const variables = (container: object) => {
    const result = environmentOf({ name: 'c', ...pod.spec.containers[0], ...container }, sources)
    if (result.kind === 'missing') return result.message
    return Object.fromEntries(result.variables.map(({ key, value }) => [key, value]))
  }

  test('later ones win and may refer to earlier ones', () => {
    assert.deepEqual(
      variables({
        envFrom: [{ prefix: 'P_', configMapRef: { name: 'map' } }, { secretRef: { name: 'key' } }],
        env: [
          { name: 's', value: 'own' },
          { name: 'T', value: '$(s) $(P_a) $(NONE) $$(s)' },
          { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'requests.cpu' } } },
        ],
      }),
      {
        P_a: '1',
        P_b: '2',
        P_bin: '\0\uFFFD',
        s: 'own',
        T: 'own 1 $(NONE) $(s)',
        IP: '10.1.0.2',
        CPU: '1',
      },
    )
  })

  test('what is missing is named, unless it is optional', () => {
    const from = (valueFrom: object) => ({ env: [{ name: 'X', valueFrom }] })
    assert.equal(
      variables(from({ configMapKeyRef: { name: 'no', key: 'k' } })),
      'configmap "no" not found',
    )
    assert.equal(
      variables(from({ secretKeyRef: { name: 'key', key: 'k' } })),
      "couldn't find key k in Secret n/key",
    )
    assert.deepEqual(
      variables(from({ secretKeyRef: { name: 'key', key: 'k', optional: true } })),
      {},
    )
    assert.equal(variables({ envFrom: [{ secretRef: { name: 'no' } }] }), 'secret "no" not found')
  })
})

test('referencesOf names every object once', () => {
  const spec = {
    containers: [
      {
        name: 'c',
        envFrom: [{ configMapRef: { name: 'a' } }],
        env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'b', key: 'k' } } }],
      },
    ],
    volumes: [
      { name: 'v', configMap: { name: 'a' } },
      {
        name: 'w',
        projected: { sources: [{ secret: { name: 'd' } }, { configMap: { name: 'e' } }] },
      },
    ],
    imagePullSecrets: [{ name: 'b' }, { name: 'f' }],
  }
  assert.deepEqual(
    referencesOf(spec).map(({ kind, name }) => `${kind}/${name}`),
    ['configmap/a', 'secret/b', 'secret/d', 'configmap/e', 'secret/f'],
  )
})
