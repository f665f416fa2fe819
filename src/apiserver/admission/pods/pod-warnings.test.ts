import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Container, PodSpec } from '../../../domain/pod.ts'
import { podWarnings } from './pod-warnings.ts'

function warned(container: Partial<Container>, spec: Partial<PodSpec> = {}): readonly string[] {
  const containers = [{ name: 'a', ...container }]
  return podWarnings({ metadata: { name: 'web' }, spec: { containers, ...spec } })
}

const hides = 'hides previous definition of "A", which may be dropped when using apply'

describe('a new pod is warned of', () => {
  test('parts of a byte', () => {
    const limits = { memory: '100m', cpu: '100m', 'ephemeral-storage': '1.5' }
    const requests = { memory: '1.5Gi' }
    assert.deepEqual(warned({ resources: { limits, requests } }), [
      'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
      'spec.containers[0].resources.limits[ephemeral-storage]: fractional byte value "1.5" is invalid, must be an integer',
    ])
  })

  test('variables that hide earlier ones', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'A', value: '$(A)2' },
      { name: 'A', value: '$(A)' },
      { name: 'A', value: '3' },
      { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    ]
    assert.deepEqual(
      warned({ env }),
      [2, 3, 4].map((index) => `spec.containers[0].env[${index}]: ${hides}`),
    )
  })

  test('ports, addresses and secrets that come twice', () => {
    const initContainers = [{ name: 'i', ports: [{ containerPort: 80 }] }]
    const ports = [
      { containerPort: 80, protocol: 'TCP' },
      { containerPort: 80, protocol: 'UDP' },
    ]
    const hostAliases = [{ ip: '10.0.0.1' }, { ip: '10.0.0.1' }]
    const imagePullSecrets = [{ name: 's' }, { name: 't' }, { name: 's' }]
    assert.deepEqual(warned({ ports }, { initContainers, hostAliases, imagePullSecrets }), [
      'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"',
      'spec.imagePullSecrets[2].name: duplicate name "s"',
      'spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]',
    ])
  })

  test('nothing else', () => assert.deepEqual(warned({ image: 'i', env: [{ name: 'A' }] }), []))
})
