import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { Pod } from '../../../domain/pod.ts'
import { decodeObject } from '../../schema/decode.ts'
import { objectType } from '../../schema/object-type.ts'
import { defaultPod } from './pod-defaults.ts'
import { defaultPullPolicy } from './pull-policy.ts'
import { validatePodCreate } from '../pods/validate-pod.ts'

function podOf(spec: object): Pod {
  return { metadata: { name: 'web' }, spec } as unknown as Pod
}

function specOf(spec: object): unknown {
  return defaultPod(podOf(spec)).spec
}

function containerOf(container: object): unknown {
  const { containers } = specOf({ containers: [{ name: 'c', image: 'i:1', ...container }] }) as {
    containers: unknown[]
  }
  return containers[0]
}

const containerDefaults = {
  name: 'c',
  image: 'i:1',
  resources: {},
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
}

const tolerations = ['not-ready', 'unreachable'].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

const specDefaults = {
  dnsPolicy: 'ClusterFirst',
  enableServiceLinks: true,
  restartPolicy: 'Always',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  serviceAccountName: 'default',
  serviceAccount: 'default',
  tolerations,
}

describe('a pod gets', () => {
  test('what kube-apiserver fills in', () => {
    assert.deepEqual(specOf({ containers: [{ name: 'c', image: 'i:1' }] }), {
      ...specDefaults,
      containers: [containerDefaults],
    })
  })

  test('nothing where it says something itself', () => {
    const given = {
      ...specDefaults,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 0,
      serviceAccountName: 'other',
      serviceAccount: 'other',
      tolerations: [{ operator: 'Exists' }],
      containers: [{ ...containerDefaults, imagePullPolicy: 'Never' }],
    }
    assert.deepEqual(specOf(given), given)
  })

  test('a second to end in for a grace period below that of none', () => {
    const spec = specOf({ containers: [], terminationGracePeriodSeconds: -30 })
    assert.equal(
      (spec as { terminationGracePeriodSeconds: number }).terminationGracePeriodSeconds,
      1,
    )
  })

  test('requests from limits', () => {
    assert.deepEqual(containerOf({ resources: { limits: { cpu: '1', memory: '1Gi' } } }), {
      ...containerDefaults,
      resources: {
        limits: { cpu: '1', memory: '1Gi' },
        requests: { cpu: '1', memory: '1Gi' },
      },
    })
  })

  test('pod-level requests from its containers first, then from pod-level limits', () => {
    const spec = specOf({
      resources: { limits: { cpu: '2', memory: '1Gi' } },
      containers: [{ name: 'c', image: 'i:1', resources: { requests: { cpu: '300m' } } }],
    }) as { resources: unknown }
    assert.deepEqual(spec.resources, {
      limits: { cpu: '2', memory: '1Gi' },
      requests: { cpu: '300m', memory: '1Gi' },
    })
  })

  test('no resize policy since 1.33, one for each request before', () => {
    const resources = { requests: { cpu: '1' }, limits: { memory: '1Gi' } }
    const pod = podOf({ containers: [{ name: 'c', image: 'i:1', resources }] })
    assert.equal(defaultPod(pod).spec.containers[0]?.resizePolicy, undefined)
    assert.deepEqual(defaultPod(pod, '1.32').spec.containers[0]?.resizePolicy, [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'memory', restartPolicy: 'NotRequired' },
    ])
  })

  test('only the resize policies that are missing (3.1)', () => {
    const resources = { requests: { cpu: '1', memory: '1Gi' } }
    const restarts = { resourceName: 'memory', restartPolicy: 'RestartContainer' }
    const pod = podOf({
      containers: [
        { name: 'c', image: 'i:1', resources, resizePolicy: [restarts] },
        { name: 'd', image: 'i:1', resources: { requests: { memory: '1Gi' } } },
        { name: 'e', image: 'i:1' },
      ],
      initContainers: [{ name: 'i', image: 'i:1', resources }],
    })
    const { containers, initContainers } = defaultPod(pod, '1.27').spec
    const entry = (resourceName: string) => ({ resourceName, restartPolicy: 'NotRequired' })
    assert.deepEqual(
      [...containers, ...(initContainers ?? [])].map(({ resizePolicy }) => resizePolicy),
      [[restarts, entry('cpu')], [entry('memory')], undefined, undefined],
    )
  })

  test('complete probes, hooks, ports and references', () => {
    const probe = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
    assert.deepEqual(
      containerOf({
        ports: [{ containerPort: 80 }],
        livenessProbe: { httpGet: { port: 80 } },
        readinessProbe: { grpc: { port: 1 }, periodSeconds: 5 },
        lifecycle: { preStop: { httpGet: { port: 80, path: '/x' } } },
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
      }),
      {
        ...containerDefaults,
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        livenessProbe: { httpGet: { port: 80, path: '/', scheme: 'HTTP' }, ...probe },
        readinessProbe: { grpc: { port: 1, service: '' }, ...probe, periodSeconds: 5 },
        lifecycle: { preStop: { httpGet: { port: 80, path: '/x', scheme: 'HTTP' } } },
        env: [
          { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v1' } } },
          {
            name: 'B',
            valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } },
          },
        ],
      },
    )
  })

  test('complete volumes', () => {
    const volumes = [
      { name: 'a' },
      { name: 'b', configMap: { name: 'x' } },
      { name: 'c', hostPath: { path: '/x' } },
      { name: 'd', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
    ]
    const spec = specOf({ containers: [], volumes }) as { volumes: unknown }
    const token = { path: 't', expirationSeconds: 3600 }
    assert.deepEqual(spec.volumes, [
      { name: 'a', emptyDir: {} },
      { name: 'b', configMap: { name: 'x', defaultMode: 420 } },
      { name: 'c', hostPath: { path: '/x', type: '' } },
      { name: 'd', projected: { sources: [{ serviceAccountToken: token }], defaultMode: 420 } },
    ])
  })

  test('host ports in the network of the host', () => {
    const containers = [{ name: 'c', image: 'i:1', ports: [{ containerPort: 80 }] }]
    const spec = specOf({ hostNetwork: true, containers }) as {
      containers: [{ ports: unknown }]
    }
    assert.deepEqual(spec.containers[0].ports, [
      { containerPort: 80, protocol: 'TCP', hostPort: 80 },
    ])
  })

  const images: readonly (readonly [string, string])[] = [
    ['a', 'Always'],
    ['a:latest', 'Always'],
    ['a:1', 'IfNotPresent'],
    ['localhost:5000/a', 'Always'],
    ['localhost:5000/a:1', 'IfNotPresent'],
    ['a@sha256:0', 'IfNotPresent'],
    ['a:latest@sha256:0', 'IfNotPresent'],
  ]
  for (const [image, wanted] of images) {
    test(`${wanted} for the image ${image}`, () => {
      assert.equal(defaultPullPolicy(image), wanted)
    })
  }
})

describe('whatever pod comes', () => {
  const name = fc.constantFrom('a', 'B_', '', 'main')
  const text = fc.constantFrom('', 'Always', 'Never', 'x', '1', '-1', '500m', '/a/../b')
  const amounts = fc.dictionary(
    fc.constantFrom('cpu', 'memory', 'x', 'a.b/c', 'hugepages-2Mi'),
    text,
  )
  const container = fc.record(
    {
      name,
      image: text,
      restartPolicy: text,
      resources: fc.record({ limits: amounts, requests: amounts }, { requiredKeys: [] }),
      resizePolicy: fc.array(fc.record({ resourceName: text, restartPolicy: text })),
      ports: fc.array(fc.record({ containerPort: fc.integer(), name }), { maxLength: 2 }),
      livenessProbe: fc.record({ httpGet: fc.record({ port: text }) }, { requiredKeys: [] }),
      volumeMounts: fc.array(fc.record({ name, mountPath: text }), { maxLength: 2 }),
      env: fc.array(fc.record({ name, value: text, valueFrom: fc.constant({}) })),
    },
    { requiredKeys: [] },
  )
  const spec = fc.record(
    {
      containers: fc.array(container, { maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 2 }),
      restartPolicy: text,
      volumes: fc.array(fc.record({ name, hostPath: fc.record({ path: text }) })),
      tolerations: fc.array(fc.record({ key: name, operator: text })),
      resources: fc.record({ limits: amounts }),
    },
    { requiredKeys: [] },
  )
  const target = { type: objectType('core/v1.Pod'), apiVersion: 'v1', kind: 'Pod' }

  test('completing it twice changes nothing more, and checking it gives a value', () => {
    fc.assert(
      fc.property(spec, (given) => {
        const decoded = decodeObject({ metadata: { name: 'x' }, spec: given }, target)
        if (decoded.kind === 'invalid') return
        const once = defaultPod(decoded.object as unknown as Pod)
        assert.deepEqual(defaultPod(once), once)
        validatePodCreate(once)
      }),
      { numRuns: 1000 },
    )
  })
})
