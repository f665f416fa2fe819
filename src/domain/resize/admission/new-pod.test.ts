import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Container, Pod } from '../../pod.ts'
import { admitNewPod } from './new-pod.ts'

const node = { allocatable: { cpu: '2', memory: '8Gi', pods: '110' }, appArmor: false }

function asking(cpu: string, more: Partial<Container> = {}): Pod {
  const containers = [{ name: 'a', resources: { requests: { cpu } }, ...more }]
  return { metadata: { name: `wants-${cpu}` }, spec: { containers } }
}

/** Promised the one, and having the other still. */
function shrinking(promised: string, actual: string): Pod {
  const resources = { requests: { cpu: actual } }
  const image = { image: 'busybox', imageID: '' }
  const containerStatuses = [{ name: 'a', ready: true, restartCount: 0, ...image, resources }]
  return { ...asking(promised), status: { phase: 'Running', containerStatuses } }
}

const onPort = { ports: [{ containerPort: 80, hostPort: 8080 }] }

const cases: readonly [name: string, pod: Pod, other: Pod, verdict: string][] = [
  ['fits', asking('1'), asking('1'), 'admitted'],
  ['has its room when the other has shrunk', asking('1'), shrinking('1', '1500m'), 'waits'],
  ['has its room beside one that has shrunk', asking('1'), shrinking('1', '1'), 'admitted'],
  [
    'has no room by what was promised: the message counts what is there',
    asking('1500m'),
    shrinking('1', '1500m'),
    "short OutOfcpu Node didn't have enough resource: cpu, requested: 1500, used: 1500, capacity: 2000",
  ],
  ['has no room beside one that has ended', asking('2'), ended(), 'admitted'],
  [
    'wants a port that is taken, whatever room there will be',
    asking('1', onPort),
    { ...shrinking('1', '1500m'), spec: asking('1', onPort).spec },
    'rejected NodePorts Predicate NodePorts failed: host port 8080/TCP is taken by pod default/wants-1',
  ],
]

function ended(): Pod {
  return { ...asking('1'), status: { phase: 'Succeeded' } }
}

for (const [name, pod, other, wanted] of cases) {
  test(name, () => {
    const verdict = admitNewPod(pod, [other], node)
    const text =
      'reason' in verdict ? `${verdict.kind} ${verdict.reason} ${verdict.message}` : verdict.kind
    assert.equal(text, wanted)
  })
}
