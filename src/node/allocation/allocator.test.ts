import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod, PodCondition } from '../../domain/pod.ts'
import { defaultVersion, type KubeVersion } from '../../domain/kube-version.ts'
import { clearInProgress } from '../../domain/resize/conditions.ts'
import { Allocator } from './allocator.ts'
import type { OnStep } from '../as-step.ts'
import { Checkpoint } from '../checkpoint/checkpoint.ts'
import { DesiredPods } from '../api/desired-pods.ts'
import { NodeMetrics } from '../reporting/node-metrics.ts'
import { ResizeConditions } from '../reporting/resize-conditions.ts'

function podOf(name: string, milliCpu: number, more: Partial<Pod['metadata']> = {}): Pod {
  const resources = { requests: { cpu: `${milliCpu}m` } }
  return {
    metadata: { name, uid: name, generation: 1, ...more },
    spec: { containers: [{ name: 'main', resources }] },
  }
}

/** A node of 2 CPUs. */
class TestNode implements Disposable {
  readonly pods = new DesiredPods()
  readonly conditions = new ResizeConditions()
  readonly metrics = new NodeMetrics(() => [])
  readonly woken: string[] = []
  readonly events: string[] = []
  readonly failures: string[] = []
  /** Pods of which the runtime has containers. */
  readonly runHere = new Set<string>()
  readonly checkpoint: Checkpoint
  readonly allocator: Allocator

  constructor(onStep: OnStep = () => {}, version: KubeVersion = defaultVersion) {
    this.checkpoint = Checkpoint.open(':memory:', onStep)
    const allocatable = { cpu: '2', memory: '8Gi', pods: '110' }
    this.allocator = new Allocator({
      checkpoint: this.checkpoint,
      pods: this.pods,
      runsHere: (uid) => this.runHere.has(uid),
      conditions: this.conditions,
      node: { allocatable, capacity: allocatable, appArmor: false },
      version,
      events: { record: ({ reason }) => this.events.push(reason), recordOfNode: () => {} },
      metrics: this.metrics,
      wake: (uid) => this.woken.push(uid),
      now: () => new Date(0),
      onError: (message) => this.failures.push(message),
    })
  }

  give(pod: Pod): void {
    this.pods.set(pod)
    this.conditions.adopt(pod)
    this.allocator.podChanged(pod)
  }

  /** What the status says that the pod's container has. */
  shows(name: string, milliCpu: number): void {
    const resources = { requests: { cpu: `${milliCpu}m` } }
    const image = { image: 'busybox', imageID: '' }
    const containerStatuses = [{ name: 'main', ready: true, restartCount: 0, ...image, resources }]
    this.pods.setStatus(name, { phase: 'Running', containerStatuses })
  }

  /** The size that the node has promised. */
  promised(name: string): string | undefined {
    return this.checkpoint.allocated(name)?.containers['main']?.requests?.['cpu']
  }

  [Symbol.dispose](): void {
    this.allocator[Symbol.dispose]()
    this.checkpoint[Symbol.dispose]()
  }
}

function running(...pods: readonly Pod[]): TestNode {
  const node = new TestNode()
  node.allocator.open()
  for (const pod of pods) {
    node.give(pod)
    node.shows(pod.metadata.name, Number.parseInt(node.promised(pod.metadata.name) ?? '', 10))
  }
  return node
}

describe('a new pod whose room another one still has beyond its promise', () => {
  it('waits, and is admitted when the other has shrunk', () => {
    using node = running(podOf('first', 1900))
    node.give(podOf('first', 1800, { generation: 2 }))
    node.give(podOf('second', 200))
    assert.deepEqual([node.promised('first'), node.promised('second')], ['1800m', undefined])
    assert.equal(node.allocator.rejection('second'), undefined)
    node.shows('first', 1800)
    node.woken.length = 0
    node.allocator.retry('pod_resized')
    assert.equal(node.promised('second'), '200m')
    assert.deepEqual(node.woken, ['second'])
  })

  it('keeps the room against resizes and later pods, not against earlier ones', () => {
    using node = running(podOf('first', 1900))
    node.give(podOf('first', 1000, { generation: 2 }))
    node.give(podOf('second', 600))
    node.give(podOf('third', 500))
    node.give(podOf('first', 1500, { generation: 3 }))
    assert.equal(node.allocator.rejection('third')?.reason, 'OutOfcpu')
    assert.equal(node.promised('first'), '1000m')
    node.shows('first', 1000)
    node.give(podOf('fourth', 400))
    node.allocator.retry('pod_resized')
    assert.deepEqual([node.promised('second'), node.promised('fourth')], ['600m', '400m'])
  })

  it('is not waited for when it goes', () => {
    using node = running(podOf('first', 1900))
    node.give(podOf('first', 1800, { generation: 2 }))
    node.give(podOf('second', 200))
    node.give(podOf('second', 200, { deletionTimestamp: '1970-01-01T00:00:00Z' }))
    node.shows('first', 1800)
    node.allocator.retry('pod_resized')
    assert.equal(node.promised('second'), undefined)
    node.give(podOf('third', 200))
    assert.equal(node.promised('third'), '200m')
  })
})

it('looks at what was infeasible once for each generation, and anew after a restart', () => {
  using node = new TestNode()
  node.checkpoint.allocate('pod', {
    containers: { main: { requests: { cpu: '1' } } },
    initContainers: {},
  })
  const condition: PodCondition = {
    type: 'PodResizePending',
    status: 'True',
    reason: 'Infeasible',
    observedGeneration: 2,
  }
  const pod = podOf('pod', 1500, { generation: 2 })
  node.give({ ...pod, status: { conditions: [condition] } })
  node.allocator.open()
  assert.equal(node.promised('pod'), '1500m')
})

it('looks at another size after one that was infeasible, where generations are not counted', () => {
  using node = new TestNode(() => {}, '1.31')
  const ungenerated = (milliCpu: number) => {
    const { metadata, spec } = podOf('pod', milliCpu)
    return { metadata: { name: metadata.name, uid: 'pod' }, spec }
  }
  node.allocator.open()
  node.give(ungenerated(100))
  node.give(ungenerated(7000))
  assert.equal(node.conditions.get('pod')[0]?.reason, 'Infeasible')
  node.give(ungenerated(150))
  assert.equal(node.promised('pod'), '150m')
  node.give(ungenerated(7000))
  node.give(ungenerated(150))
  node.give(ungenerated(120))
  assert.equal(node.promised('pod'), '120m')
})

it('one promise that cannot be written down keeps no other waiting', () => {
  let full = false
  using node = new TestNode((step) => {
    if (step !== 'node.allocated.before' || !full) return
    full = false
    throw new Error('disk is full')
  })
  node.allocator.open()
  node.give(podOf('a', 100))
  node.give(podOf('b', 100))
  node.give(podOf('blocks', 1800))
  node.give(podOf('a', 150, { generation: 2 }))
  node.give(podOf('b', 150, { generation: 2 }))
  node.pods.delete('blocks')
  node.checkpoint.forget('blocks')
  full = true
  assert.throws(() => node.allocator.podRemoved('blocks'), /disk is full/)
  assert.deepEqual([node.promised('a'), node.promised('b')], ['100m', '150m'])
  node.allocator.retry('periodic_retry')
  assert.equal(node.promised('a'), '150m')
})

it('tries by the clock once more what could not be written down, until it is disposed of', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let full = false
  using node = new TestNode((step) => {
    if (step === 'node.allocated.before' && full) throw new Error('disk is full')
  })
  node.allocator.open()
  node.give(podOf('pod', 100))
  full = true
  assert.throws(() => node.give(podOf('pod', 150, { generation: 2 })), /disk is full/)
  t.mock.timers.tick(180_000)
  assert.deepEqual([node.failures.length, node.promised('pod')], [1, '100m'])
  full = false
  t.mock.timers.tick(180_000)
  assert.deepEqual([node.failures.length, node.promised('pod')], [1, '150m'])
  full = true
  assert.throws(() => node.give(podOf('pod', 200, { generation: 3 })), /disk is full/)
  node.allocator[Symbol.dispose]()
  t.mock.timers.tick(180_000)
  assert.equal(node.failures.length, 1)
})

describe('a pod that runs here without a record', () => {
  const deferred: PodCondition = { type: 'PodResizePending', status: 'True', reason: 'Deferred' }

  /** It asks for 1500m, and has 500m. */
  function lost(node: TestNode): void {
    node.runHere.add('lost')
    const pod = podOf('lost', 1500, { generation: 2, creationTimestamp: '1970-01-02T00:00:00Z' })
    node.give({ ...pod, status: { conditions: [deferred], observedGeneration: 2 } })
    node.shows('lost', 500)
    node.pods.setStatus('lost', { ...node.pods.status('lost'), conditions: [deferred] })
  }

  it('keeps what it has, before older pods that do not run, and its resize waits on', () => {
    using node = new TestNode()
    lost(node)
    node.give(podOf('older', 1600, { creationTimestamp: '1970-01-01T00:00:00Z' }))
    node.runHere.add('other')
    node.give(podOf('other', 1400, { creationTimestamp: '1970-01-03T00:00:00Z' }))
    node.allocator.open()
    assert.equal(node.allocator.rejection('older')?.reason, 'OutOfcpu')
    assert.deepEqual([node.promised('lost'), node.promised('other')], ['500m', '1400m'])
    node.pods.delete('other')
    node.checkpoint.forget('other')
    node.allocator.podRemoved('other')
    assert.equal(node.promised('lost'), '1500m')
  })

  it('is not asked whether it fits when its promise can be written down only later', () => {
    let full = true
    using node = new TestNode(() => {
      if (full) throw new Error('disk is full')
    })
    lost(node)
    assert.throws(() => node.allocator.open(), /disk is full/)
    assert.equal(node.allocator.rejection('lost'), undefined)
    full = false
    node.give(podOf('lost', 5000, { generation: 3 }))
    assert.equal(node.promised('lost'), '500m')
  })
})

describe('a new critical pod that does not fit', () => {
  const critical = { annotations: { 'kubernetes.io/config.source': 'file' } }

  it('waits until lesser pods have ended for it, and is admitted then', () => {
    using node = running(podOf('large', 1500), podOf('small', 300))
    node.give(podOf('critical', 400, critical))
    assert.equal(node.allocator.rejection('small')?.reason, 'Preempting')
    assert.deepEqual(
      [node.allocator.rejection('critical'), node.allocator.rejection('large')],
      [undefined, undefined],
    )
    node.allocator.retry('pod_terminated')
    assert.equal(node.promised('critical'), undefined)
    node.pods.setStatus('small', { phase: 'Failed' })
    node.allocator.retry('pod_terminated')
    assert.equal(node.promised('critical'), '400m')
  })

  it('is turned away where nobody may be ended for it', () => {
    using node = running(podOf('large', 1500, critical))
    node.give(podOf('critical', 600, critical))
    assert.equal(node.allocator.rejection('critical')?.reason, 'OutOfcpu')
    assert.equal(node.allocator.rejection('large'), undefined)
  })
})

describe('a critical pod that grows', () => {
  const critical = { annotations: { 'kubernetes.io/config.source': 'file' } }

  it('waits for lesser pods to end, untold, and nobody takes its room meanwhile', () => {
    using node = running(
      podOf('large', 1400),
      podOf('small', 300),
      podOf('critical', 100, critical),
    )
    node.events.length = 0
    node.give(podOf('critical', 600, { ...critical, generation: 2 }))
    node.give(podOf('late', 150))
    assert.deepEqual(node.conditions.get('critical'), [])
    assert.equal(node.allocator.rejection('late')?.reason, 'OutOfcpu')
    node.allocator.retry('pod_terminated')
    assert.deepEqual(node.events, ['Preempting', 'OutOfcpu'])
    assert.equal(node.promised('critical'), '100m')
    node.pods.setStatus('small', { phase: 'Failed' })
    node.allocator.retry('pod_terminated')
    assert.equal(node.promised('critical'), '600m')
    assert.equal(node.events.at(-1), 'ResizeStarted')
  })

  it('gives the room free again when it does not want it any more', () => {
    using node = running(
      podOf('large', 1400),
      podOf('small', 300),
      podOf('critical', 100, critical),
    )
    node.give(podOf('critical', 600, { ...critical, generation: 2 }))
    node.give(podOf('critical', 100, { ...critical, generation: 3 }))
    node.give(podOf('late', 150))
    assert.equal(node.promised('late'), '150m')
  })

  it('is deferred where nobody may be ended for it', () => {
    using node = running(podOf('large', 1500, critical), podOf('critical', 100, critical))
    node.give(podOf('critical', 600, { ...critical, generation: 2 }))
    assert.equal(node.conditions.get('critical')[0]?.reason, 'Deferred')
  })
})

it('a resize that waits goes with its pod, and takes no room after its end', () => {
  using node = running(podOf('a', 1000), podOf('b', 900))
  node.give(podOf('a', 1500, { generation: 2 }))
  node.pods.setStatus('a', { phase: 'Succeeded' })
  node.allocator.podEnded('a')
  node.pods.setStatus('b', { phase: 'Succeeded' })
  node.allocator.retry('pod_terminated')
  assert.deepEqual([node.promised('a'), node.conditions.get('a')], ['1000m', []])
})

it('one that waits holds up nobody who fits', () => {
  using node = running(podOf('a', 800), podOf('b', 600), podOf('c', 500))
  node.give(podOf('a', 1000, { generation: 2 }))
  node.give(podOf('b', 700, { generation: 2 }))
  assert.deepEqual([node.promised('a'), node.promised('b')], ['800m', '700m'])
})

it('remembers what a resize goes back to until all of it is done', () => {
  using node = running(podOf('pod', 100))
  const before = (): unknown => node.checkpoint.before('pod')?.containers['main']?.requests
  assert.equal(before(), undefined)
  node.give(podOf('pod', 200, { generation: 2 }))
  node.give(podOf('pod', 300, { generation: 3 }))
  assert.deepEqual(before(), { cpu: '100m' })
  node.conditions.apply('pod', clearInProgress)
  node.give(podOf('pod', 400, { generation: 4 }))
  assert.deepEqual(before(), { cpu: '300m' })
})

it('has no room for an old size that others have by now', () => {
  using node = running(podOf('pod', 1000), podOf('other', 900))
  assert.ok(node.allocator.hasRoom(podOf('pod', 1100)))
  assert.ok(!node.allocator.hasRoom(podOf('pod', 1200)))
})

describe('what became of deferred resizes, by what had them looked at', () => {
  async function counted({ metrics }: TestNode): Promise<readonly string[]> {
    const text = await metrics.registry.metrics()
    return [...text.matchAll(/accepted_resizes_total\{retry_trigger="(?<by>\w+)"\} [1-9]/g)].map(
      ({ groups }) => groups?.['by'] ?? '',
    )
  }

  it('one that is taken back counts as accepted', async () => {
    using node = running(podOf('a', 1000), podOf('b', 900))
    node.give(podOf('a', 1500, { generation: 2 }))
    assert.deepEqual(await counted(node), [])
    node.give(podOf('a', 1000, { generation: 3 }))
    assert.deepEqual(await counted(node), ['pod_updated'])
  })

  it('pods that come have it looked at, too', async () => {
    using node = running(podOf('a', 1000), podOf('b', 900))
    node.give(podOf('a', 1500, { generation: 2 }))
    // It has ended, and nobody has said so yet.
    node.pods.setStatus('b', { phase: 'Succeeded' })
    node.give(podOf('c', 100))
    assert.deepEqual([node.promised('a'), await counted(node)], ['1500m', ['pods_added']])
  })

  it('after three minutes in which nobody tells of room', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    using node = running(podOf('a', 1000), podOf('b', 900))
    node.give(podOf('a', 1500, { generation: 2 }))
    node.pods.setStatus('b', { phase: 'Succeeded' })
    t.mock.timers.tick(179_999)
    assert.equal(node.promised('a'), '1000m')
    t.mock.timers.tick(1)
    assert.deepEqual([node.promised('a'), await counted(node)], ['1500m', ['periodic_retry']])
  })

  it('at a start all are known before the first is looked at', () => {
    using node = new TestNode()
    for (const [name, priority] of [
      ['low', 1],
      ['high', 2],
    ] as const) {
      node.checkpoint.allocate(name, {
        containers: { main: { requests: { cpu: '500m' } } },
        initContainers: {},
      })
      const pod = podOf(name, 1200, { generation: 2 })
      node.give({ ...pod, spec: { ...pod.spec, priority } })
    }
    node.allocator.open()
    assert.deepEqual([node.promised('low'), node.promised('high')], ['500m', '1200m'])
  })
})
