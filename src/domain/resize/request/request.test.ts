import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Pod, PodSpec } from '../../pod.ts'
import { findMalformedQuantity, withResourceDefaults } from './defaults.ts'
import { mergeResizeRequest, withNextGeneration } from './request.ts'

const old: Pod = {
  metadata: { name: 'web', generation: 3, labels: { app: 'web' } },
  spec: {
    nodeName: 'node-1',
    containers: [
      { name: 'a', image: 'busybox', resources: { requests: { cpu: '250m', memory: '64Mi' } } },
      { name: 'b', image: 'busybox', env: [{ name: 'X', value: '1' }] },
    ],
  },
  status: { phase: 'Running' },
}

function asked(containers: PodSpec['containers'], more: Partial<PodSpec> = {}): Pod {
  return { ...old, spec: { ...old.spec, ...more, containers } }
}

describe('what a request takes over (3.2)', () => {
  test('resources and resize policy only', () => {
    const submitted = {
      metadata: { name: 'web', generation: 9, labels: { app: 'other' } },
      spec: {
        nodeName: 'node-2',
        priority: 5,
        ephemeralContainers: [{ name: 'debug', resources: { requests: { cpu: '1' } } }],
        containers: [
          { name: 'a', image: 'other', resources: { requests: { cpu: '0.5', memory: '1024Ki' } } },
          { name: 'b', resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] },
        ],
      },
      status: { phase: 'Failed' },
    } as Pod
    assert.deepEqual(mergeResizeRequest(old, submitted), {
      ...old,
      spec: {
        nodeName: 'node-1',
        containers: [
          { name: 'a', image: 'busybox', resources: { requests: { cpu: '500m', memory: '1Mi' } } },
          {
            name: 'b',
            image: 'busybox',
            env: [{ name: 'X', value: '1' }],
            resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
          },
        ],
      },
    })
  })

  test('a request without a change is the old pod', () => {
    assert.deepEqual(mergeResizeRequest(old, old), old)
  })

  test('pod-level resources', () => {
    const spec = asked(old.spec.containers, { resources: { requests: { cpu: '1' } } })
    assert.deepEqual(mergeResizeRequest(old, spec).spec.resources, { requests: { cpu: '1' } })
    assert.equal(mergeResizeRequest(old, spec, '1.35').spec.resources, undefined)
  })

  test('init containers only from 1.33 on', () => {
    const before: Pod = {
      ...old,
      spec: { ...old.spec, initContainers: [{ name: 'i', restartPolicy: 'Always' }] },
    }
    const resources = { requests: { cpu: '1' } }
    const submitted = {
      ...before,
      spec: { ...before.spec, initContainers: [{ name: 'i', resources }] },
    }
    assert.deepEqual(mergeResizeRequest(before, submitted).spec.initContainers, [
      { name: 'i', restartPolicy: 'Always', resources },
    ])
    assert.deepEqual(
      mergeResizeRequest(before, submitted, '1.32').spec.initContainers,
      before.spec.initContainers,
    )
  })

  test('added and renamed containers are passed on for validation', () => {
    const added = asked([...old.spec.containers, { name: 'c' }])
    assert.equal(mergeResizeRequest(old, added).spec.containers.length, 3)
    const renamed = asked([{ name: 'z' }, { name: 'b' }])
    assert.equal(mergeResizeRequest(old, renamed).spec.containers[0]?.name, 'z')
  })
})

describe('generation (3.8)', () => {
  const cases = [
    ['another size', '500m', 3, 4],
    ['the same size', '250m', 3, 3],
    ['the same size by another text', '0.25', 3, 3],
    ['a pod from before generations', '500m', 0, 1],
    ['a pod without one', '500m', undefined, 1],
  ] as const
  for (const [name, cpu, generation, expected] of cases) {
    test(name, () => {
      const { generation: _generation, ...metadata } = old.metadata
      const before = {
        ...old,
        metadata: { ...metadata, ...(generation === undefined ? {} : { generation }) },
      }
      const [, second] = old.spec.containers
      const submitted = asked([
        { name: 'a', resources: { requests: { cpu, memory: '64Mi' } } },
        second ?? { name: 'b' },
      ])
      const merged = withNextGeneration(before, mergeResizeRequest(before, submitted))
      assert.equal(merged.metadata.generation, expected)
    })
  }
})

describe('defaults (1.1, 1.5)', () => {
  const container = (resources: object) => ({ containers: [{ name: 'a', resources }] })
  const cases = [
    ['none', {}, {}],
    [
      'request from limit',
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m' } },
      { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
    ],
    ['an explicit 0 stays', { limits: { cpu: '1' }, requests: { cpu: '0' } }, undefined],
    ['up to thousandths', { requests: { cpu: '0.0001' } }, { requests: { cpu: '1m' } }],
    ['a tenth of a byte', { requests: { memory: '100m' } }, { requests: { memory: '100m' } }],
    ['canonical', { requests: { memory: '1024Mi' } }, { requests: { memory: '1Gi' } }],
    [
      'numbers and null',
      { requests: { cpu: 2, memory: null } },
      { requests: { cpu: '2', memory: '0' } },
    ],
    ['malformed stays', { requests: { cpu: 'much' } }, { requests: { cpu: 'much' } }],
  ] as const
  for (const [name, given, expected] of cases) {
    test(name, () => {
      const spec = withResourceDefaults(container(given))
      assert.deepEqual(spec, container(expected ?? given))
      assert.deepEqual(withResourceDefaults(spec), spec)
    })
  }

  test('pod-level requests from the containers, else from the pod-level limits', () => {
    const spec = withResourceDefaults({
      containers: [
        { name: 'a', resources: { limits: { cpu: '250m' } } },
        { name: 'b', resources: { requests: { cpu: '250m' } } },
      ],
      overhead: { cpu: '100m' },
      resources: { limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '2Mi' } },
    })
    assert.deepEqual(spec.resources, {
      limits: { cpu: '2', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
      requests: { cpu: '500m', memory: '1Gi', 'hugepages-2Mi': '2Mi' },
    })
  })

  test('pod-level requests stay alone without pod-level limits', () => {
    const spec = withResourceDefaults({
      containers: [{ name: 'a', resources: { requests: { memory: '1Gi' } } }],
      resources: { requests: { cpu: '2' } },
    })
    assert.deepEqual(spec.resources, { requests: { cpu: '2' } })
  })

  test('resize policies before 1.33', () => {
    const given: PodSpec = {
      containers: [
        {
          name: 'a',
          resources: { limits: { cpu: '1', memory: '1Gi' } },
          resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
        },
      ],
    }
    assert.deepEqual(withResourceDefaults(given, '1.32').containers[0]?.resizePolicy, [
      { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    ])
    assert.equal(withResourceDefaults(given).containers[0]?.resizePolicy?.length, 1)
  })
})

test('a malformed quantity is named with its place', () => {
  const spec: PodSpec = {
    containers: [{ name: 'a', resources: { requests: { cpu: '1' }, limits: { memory: '1 Gi' } } }],
  }
  assert.deepEqual(findMalformedQuantity(spec), {
    field: 'spec.containers[0].resources.limits[memory]',
    value: '1 Gi',
  })
  assert.equal(findMalformedQuantity({ containers: [{ name: 'a' }] }), undefined)
})
