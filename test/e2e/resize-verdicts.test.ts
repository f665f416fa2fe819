import assert from 'node:assert/strict'
import { cpus, totalmem } from 'node:os'
import { after, before, test } from 'node:test'
import type { Pod, PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { amountsOf } from '../../src/domain/resize/admission/node-usage.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { slow, waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectCgroups, expectResized, podCgroup } from './expect-size.ts'
import { conditionOf, idle, LiveNode, type PodSpecPatch, statusOf } from './live-node.ts'

const mebi = 1024 * 1024
/** All that the node has, in millicores and bytes. */
const whole = cpus().length * 1000
const memory = totalmem()

let node: LiveNode

function part(share: number): string {
  return `${Math.floor(whole * share)}m`
}

function cpu(share: number): ResourceRequirements {
  return { requests: { cpu: part(share), memory: '16Mi' } }
}

function to(resources: ResourceRequirements, name = 'app'): PodSpecPatch {
  return { containers: [{ name, resources }] }
}

/** So small that they matter to nobody, also where there is one CPU. */
const small = {
  requests: { cpu: '5m', memory: '16Mi' },
  limits: { cpu: '400m', memory: '32Mi' },
}
// Less CPU than this makes the start of a container take long.
const firmSize = { cpu: '50m', memory: '16Mi' }
const firm = { requests: firmSize, limits: firmSize }

const specs: Readonly<Record<string, PodSpec>> = {
  web: { containers: [idle('app', small), idle('side', { requests: small.requests })] },
  firm: { containers: [idle('app', firm)] },
  whole: {
    resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { cpu: '400m' } },
    containers: [idle('app', { requests: small.requests })],
  },
}

before(async () => {
  node = await LiveNode.start()
  await Promise.all(Object.entries(specs).map(([name, spec]) => node.run(name, spec)))
})
after(() => node?.[Symbol.asyncDispose]())

/** What the other pods request together, in millicores. */
async function requestedBeside(name: string): Promise<number> {
  const { items } = await node.client.list(pods)
  const others = items.filter(({ metadata }) => metadata.name !== name)
  return others.reduce((sum, { spec }) => sum + (amountsOf(spec)['cpu'] ?? 0), 0)
}

async function deferred(name: string): Promise<Pod> {
  return node.until(name, 'be deferred', (pod) => {
    const pending = conditionOf(pod, 'PodResizePending')
    return pending?.reason === 'Deferred' && pending.observedGeneration === pod.metadata.generation
  })
}

/** Until the pod has its desired size; it comes by the change, not by the retry every 3 minutes. */
async function admittedAtOnce(before: Pod): Promise<Pod> {
  const { name } = before.metadata
  await node.until(name, 'be admitted', (pod) => !conditionOf(pod, 'PodResizePending'), {
    withinMs: 20_000,
  })
  return expectResized(node, before)
}

interface Refusal {
  readonly what: string
  readonly pod?: string
  readonly type?: 'strategic' | 'merge' | 'json'
  /** False for a patch of the pod itself. */
  readonly resize?: boolean
  readonly patch: object
  readonly says: string | RegExp
}

const container = (resources: object, more: object = {}): object => ({
  spec: { containers: [{ name: 'app', resources, ...more }] },
})
const inApp = 'spec.containers[0].resources'
const tooLarge = whole + 500

const refusals: readonly Refusal[] = [
  {
    what: 'a request taken away',
    patch: { spec: { containers: [{ name: 'side', resources: { requests: { cpu: null } } }] } },
    says: 'The Pod "web" is invalid: spec.containers[1].resources.requests: Forbidden: resource requests cannot be removed',
  },
  {
    what: 'a limit taken away',
    patch: container({ limits: { memory: null } }),
    says: `The Pod "web" is invalid: ${inApp}.limits: Forbidden: resource limits cannot be removed`,
  },
  {
    what: 'a request above its limit',
    patch: container({ requests: { cpu: '0.5' } }),
    says: `The Pod "web" is invalid: ${inApp}.requests: Invalid value: "500m": must be less than or equal to cpu limit of 400m`,
  },
  {
    what: 'a negative amount',
    patch: container({ requests: { cpu: '-1' } }),
    says: `The Pod "web" is invalid: ${inApp}.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0`,
  },
  {
    what: 'two things at once',
    patch: container({ requests: { cpu: '500m', memory: '64Mi' } }),
    says: `The Pod "web" is invalid: \n* ${inApp}.requests: Invalid value: "500m": must be less than or equal to cpu limit of 400m\n* ${inApp}.requests: Invalid value: "64Mi": must be less than or equal to memory limit of 32Mi`,
  },
  {
    what: 'no quantity',
    patch: container({ requests: { cpu: '1 core' } }),
    says: /^The request is invalid: patch: Invalid value: "map\[.*\]": quantities must match the regular expression '\^\(\[\+-\]\?\[0-9\.\]\+\)\(\[eEinumkKMGTP\]\*\[-\+\]\?\[0-9\]\*\)\$'/,
  },
  {
    what: 'another resource',
    patch: container({ requests: { 'ephemeral-storage': '1Gi' } }),
    says: 'The Pod "web" is invalid: spec: Forbidden: only cpu and memory resources are mutable',
  },
  {
    what: 'another resize policy',
    patch: container(
      {},
      { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
    ),
    says: 'The Pod "web" is invalid: spec: Forbidden: only cpu and memory resources are mutable',
  },
  {
    what: 'one container more',
    type: 'json',
    patch: [{ op: 'add', path: '/spec/containers/-', value: { name: 'more', image: 'busybox' } }],
    says: 'The Pod "web" is invalid: spec.containers: Forbidden: containers may not be added or removed on resize',
  },
  {
    what: 'a container by another name',
    type: 'json',
    patch: [{ op: 'replace', path: '/spec/containers/1/name', value: 'other' }],
    says: 'The Pod "web" is invalid: spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize',
  },
  {
    what: 'another QoS class',
    pod: 'firm',
    patch: container({ limits: { cpu: '400m' } }),
    says: 'The Pod "firm" is invalid: spec: Invalid value: "Guaranteed": Pod QOS Class may not change as a result of resizing',
  },
  {
    what: 'pod-level resources taken away',
    pod: 'whole',
    type: 'json',
    patch: [{ op: 'remove', path: '/spec/resources/limits' }],
    says: 'The Pod "whole" is invalid: spec.resources.limits: Forbidden: pod-level resource limits cannot be removed',
  },
  {
    what: 'more CPU than the node has',
    patch: container({ requests: { cpu: `${tooLarge - 5}m` }, limits: { cpu: `${tooLarge}m` } }),
    says: `Error from server (Forbidden): pods "web" is forbidden: node didn't have enough allocatable resources: cpu, requested: ${tooLarge}, allocatable: ${whole}`,
  },
  {
    what: 'more of both than the node has',
    patch: {
      spec: {
        containers: [
          {
            name: 'side',
            resources: { requests: { cpu: `${tooLarge - 5}m`, memory: `${memory}` } },
          },
        ],
      },
    },
    says: `Error from server (Forbidden): pods "web" is forbidden: node didn't have enough allocatable resources: cpu, requested: ${tooLarge}, allocatable: ${whole}; memory, requested: ${memory + 16 * mebi}, allocatable: ${memory}`,
  },
  {
    what: 'a state of the pod that is over',
    patch: { metadata: { resourceVersion: '1' }, ...container({ requests: { cpu: '30m' } }) },
    says: 'Error from server (Conflict): Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
  },
  {
    what: 'a test that does not hold',
    type: 'json',
    patch: [{ op: 'test', path: '/spec/containers/0/resources/requests/cpu', value: '30m' }],
    says: /^The request is invalid: .*test/i,
  },
  {
    what: 'a size without the subresource',
    resize: false,
    patch: container({ requests: { cpu: '30m' } }),
    says: /^The Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`,/,
  },
  {
    what: 'a pod that is not there',
    pod: 'nobody',
    patch: container({ requests: { cpu: '30m' } }),
    says: 'Error from server (NotFound): pods "nobody" not found',
  },
]

test('what the API refuses, in its words, and that nothing changes', async (t) => {
  const names = Object.keys(specs)
  const before = await Promise.all(names.map((name) => node.get(name)))
  for (const { what, pod = 'web', type = 'strategic', resize = true, patch, says } of refusals) {
    await t.test(what, async () => {
      const args = ['patch', 'pod', pod, `--type=${type}`, '-p', JSON.stringify(patch)]
      const { code, stderr, stdout } = await node.kubectl.try([
        ...args,
        ...(resize ? ['--subresource=resize'] : []),
      ])
      assert.equal(code, 1, stdout)
      if (typeof says === 'string') assert.equal(stderr, `${says}\n`)
      else assert.match(stderr, says)
    })
  }
  const now = await Promise.all(names.map((name) => node.get(name)))
  assert.deepEqual(now, before)
  for (const pod of now) expectCgroups(node, pod)
  for (const name of names) assert.deepEqual(await node.events(name, 'ResizeStarted'), [])
})

test('pods that are never resized', async () => {
  const nodeSelector = { nobody: 'has-this' }
  const containers = [idle('app', small)]
  await node.create('windows', { nodeSelector, os: { name: 'windows' }, containers })
  const annotations = { 'kubernetes.io/config.mirror': 'x' }
  const nodeName = String(node.podfit.ready['nodeName'])
  const metadata = { name: 'static', namespace: 'default', annotations }
  const spec = { terminationGracePeriodSeconds: 0, nodeName, containers }
  await node.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec })
  for (const name of ['windows', 'static']) {
    const patch = JSON.stringify(container({ requests: { cpu: '30m' } }))
    const args = ['patch', 'pod', name, '--subresource=resize', '-p', patch]
    assert.equal(
      (await node.kubectl.try(args)).stderr,
      `The Pod "${name}" is invalid: []: Forbidden: ${name} pods cannot be resized\n`,
    )
  }
  await node.remove('windows', 'static')
})

test('no room now: deferred with the numbers, the old size stays, room is taken at once', async () => {
  await node.run('blocker', { containers: [idle('app', cpu(0.5))] })
  const wants = await node.run('wants', { containers: [idle('app', cpu(0.1))] })
  const patched = await node.resize('wants', to(cpu(0.6)))
  const { generation } = patched.metadata
  assert.equal(generation, 2)
  const pod = await deferred('wants')
  const used = await requestedBeside('wants')
  const message = `Node didn't have enough resource: cpu, requested: ${Math.floor(whole * 0.6)}, used: ${used}, capacity: ${whole}`
  const pending = conditionOf(pod, 'PodResizePending')
  assert.deepEqual([pending?.status, pending?.message], ['True', message])
  assert.equal(conditionOf(pod, 'PodResizeInProgress'), undefined)
  assert.equal(pod.status?.observedGeneration, generation)
  const [old] = wants.spec.containers
  assert.deepEqual(statusOf(pod, 'app').resources, old?.resources)
  assert.deepEqual(statusOf(pod, 'app').allocatedResources, old?.resources?.requests)
  expectCgroups(node, pod, wants.spec)
  const size = `{"requests":{"cpu":"${part(0.6)}","memory":"16Mi"}}`
  const json = `{"containers":[{"name":"app","resources":${size}}],"generation":${generation}`
  const event = await node.told(
    'wants',
    'ResizeDeferred',
    `Pod resize OutOfcpu: ${json},"error":"${message}"}`,
  )
  assert.equal(event.type, 'Warning')
  assert.deepEqual(await node.events('wants', 'ResizeStarted'), [])
  const described = await node.kubectl.run(['describe', 'pod', 'wants'])
  assert.match(described, /PodResizePending +True/)

  // Somebody shrinks.
  await node.resize('blocker', to(cpu(0.2)))
  await admittedAtOnce(wants)
  await node.told('wants', 'ResizeStarted', `Pod resize started: ${json}}`)
  await node.told('wants', 'ResizeCompleted', `Pod resize completed: ${json}}`)
})

test('no room now: the pod that takes it is deleted', async () => {
  const before = await node.get('wants')
  await node.resize('wants', to(cpu(0.8)))
  await deferred('wants')
  // The message follows the others, with no new event.
  await node.resize('blocker', to(cpu(0.25)))
  await node.settled('blocker')
  const used = await requestedBeside('wants')
  await node.until('wants', 'tell the new numbers', (pod) =>
    (conditionOf(pod, 'PodResizePending')?.message ?? '').includes(`used: ${used},`),
  )
  // Events are written beside the status: the second one may come after it.
  const told = () => node.events('wants', 'ResizeDeferred')
  const all = await waitUntil('the second event', told, ({ length }) => length >= 2)
  assert.equal(all.length, 2)
  await node.remove('blocker')
  await admittedAtOnce(before)
})

test('no room now: memory, in bytes; taking the wish back ends it', async () => {
  const before = await node.get('wants')
  const [{ resources } = {}] = before.spec.containers
  await node.resize('wants', to({ requests: { memory: `${memory - mebi}` } }))
  const pod = await deferred('wants')
  const { message = '' } = conditionOf(pod, 'PodResizePending') ?? {}
  const numbers = new RegExp(
    `^Node didn't have enough resource: memory, requested: ${memory - mebi}, used: \\d+, capacity: ${memory}$`,
  )
  assert.match(message, numbers)
  const starts = () => node.events('wants', 'ResizeStarted')
  await waitUntil('the event of the resize before', starts, ({ length }) => length === 2)
  await node.resize('wants', to(resources ?? {}))
  const back = await admittedAtOnce(before)
  assert.equal(back.metadata.generation, (before.metadata.generation ?? 0) + 2)
  assert.equal((await starts()).length, 2)
  await node.remove('wants')
})

test('who waits: higher priority first, and nobody holds up what fits', async () => {
  await node.kubectl.apply({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: 'urgent' },
    value: 1000,
  })
  const containers = [idle('app', cpu(0.05))]
  const [low, high, modest] = await Promise.all([
    node.run('low', { containers }),
    node.run('high', { containers, priorityClassName: 'urgent' }),
    node.run('modest', { containers }),
    node.run('hog', { containers: [idle('app', cpu(0.6))] }),
  ])
  assert.equal(high.spec.priority, 1000)
  await node.resize('low', to(cpu(0.4)))
  await deferred('low')
  await node.resize('high', to(cpu(0.4)))
  await deferred('high')
  await node.resize('modest', to(cpu(0.1)))
  await admittedAtOnce(modest)
  // A pod that would fit beside what is granted has to wait for what is promised.
  await node.create('late', { containers: [idle('app', cpu(0.1))] })
  await node.until(
    'late',
    'be unschedulable',
    (pod) => conditionOf(pod, 'PodScheduled')?.status === 'False',
  )
  await node.delete('late')

  await node.resize('hog', to(cpu(0.25)))
  const urgent = await admittedAtOnce(high)
  const still = await deferred('low')
  expectCgroups(node, urgent)
  expectCgroups(node, still, low.spec)
  await node.remove('hog')
  await admittedAtOnce(low)
  await node.remove('high', 'modest', 'low')
})

test('a pod that is not scheduled yet takes its new size from the start', async () => {
  await node.run('first', { containers: [idle('app', cpu(0.7))] })
  await node.create('unplaced', { containers: [idle('app', cpu(0.5))] })
  await node.until(
    'unplaced',
    'be unschedulable',
    (pod) => conditionOf(pod, 'PodScheduled')?.status === 'False',
  )
  await node.resize('unplaced', to(cpu(0.1)))
  await node.until('unplaced', 'run', ({ status }) => status?.phase === 'Running', {
    withinMs: 20_000,
  })
  const pod = await node.settled('unplaced')
  expectCgroups(node, pod)
  assert.deepEqual(statusOf(pod, 'app').resources, cpu(0.1))
  assert.equal(pod.status?.observedGeneration, 2)
  await node.remove('first', 'unplaced')
})

test('less memory than is in use: an error that tells it, nothing changed, and done when it is freed', async () => {
  const large = {
    requests: { cpu: '20m', memory: '16Mi' },
    limits: { cpu: '400m', memory: '96Mi' },
  }
  const before = await node.run('full', { containers: [idle('app', large), idle('side', large)] })
  const exec = (script: string) =>
    node.kubectl.run(['exec', 'full', '-c', 'app', '--', 'sh', '-c', script])
  await exec('dd if=/dev/zero of=/dev/shm/held bs=1M count=48 2>/dev/null')
  const wanted = { requests: large.requests, limits: { cpu: '800m', memory: '32Mi' } }
  const more = { requests: { cpu: '30m' }, limits: { cpu: '600m', memory: '128Mi' } }
  await node.resize('full', {
    containers: [...(to(wanted).containers ?? []), ...(to(more, 'side').containers ?? [])],
  })
  const pod = await node.until(
    'full',
    'fail',
    (one) => conditionOf(one, 'PodResizeInProgress')?.reason === 'Error',
  )
  const { status, message = '', observedGeneration } = conditionOf(pod, 'PodResizeInProgress') ?? {}
  assert.deepEqual([status, observedGeneration], ['True', 2])
  assert.match(
    message,
    /^cannot decrease memory limits: attempting to set container "app" memory limit \(33554432\) below current usage \((?<usage>\d+)\)/,
  )
  const usage = Number(/usage \((?<usage>\d+)\)/.exec(message)?.groups?.['usage'])
  assert.ok(usage >= 48 * mebi && usage < 96 * mebi, message)
  assert.equal(conditionOf(pod, 'PodResizePending'), undefined)
  // Nothing of it was done: neither the CPU nor the other container.
  expectCgroups(node, pod, before.spec)
  for (const name of ['app', 'side']) assert.deepEqual(statusOf(pod, name).resources, large)
  assert.deepEqual(statusOf(pod, 'side').allocatedResources, { cpu: '30m', memory: '16Mi' })
  const events = await waitUntil(
    'the event of the error',
    () => node.events('full', 'ResizeError'),
    (all) => all.length > 0,
  )
  assert.match(
    events[0]?.message ?? '',
    /^Pod resize error: \{"containers":\[.*\],"generation":2,"error":"cannot decrease memory limits: .*"\}$/,
  )
  assert.equal(events[0]?.type, 'Warning')

  await exec('rm /dev/shm/held')
  const done = await node.settled('full', { withinMs: 20_000 })
  expectCgroups(node, done)
  assert.equal(node.tree.read(containerCgroup(node, done, 'app')).memoryLimit, 32 * mebi)
  assert.equal(node.tree.read(podCgroup(node, done)).memoryLimit, 160 * mebi)
  await waitUntil(
    'the event of the end',
    () => node.events('full', 'ResizeCompleted'),
    (all) => all.length === 1,
  )
  assert.equal(statusOf(done, 'app').restartCount, 0)
  await node.remove('full')
})

test('limits that no kernel takes: told once, and nothing of them stays', async () => {
  await node.run('limited', { containers: [idle('app', small)] })
  const absurd = { requests: { cpu: '100m' }, limits: { cpu: '1000000000', memory: '8Ei' } }
  // The kernel refuses what the pod as a whole would get; where that has no limit, the runtime its container's.
  for (const name of ['limited', 'web']) {
    const before = await node.get(name)
    await node.resize(name, to(absurd))
    const pod = await node.until(
      name,
      'fail',
      (one) => conditionOf(one, 'PodResizeInProgress')?.reason === 'Error',
    )
    const { message = '' } = conditionOf(pod, 'PodResizeInProgress') ?? {}
    // crun names the file, runc and the kernel's own refusal the value.
    assert.match(message, /("100000000000000( 100000)?"|`cpu\.max`).*(EINVAL|invalid argument)/i)
    expectCgroups(node, pod, before.spec)
    await node.resize(name, to(small))
    await expectResized(node, before)
    const told = () => node.events(name, 'ResizeError')
    const errors = await waitUntil('the event of the error', told, ({ length }) => length > 0)
    assert.deepEqual(
      errors.map(({ count = 1 }) => count),
      [1],
    )
  }
  await node.remove('limited')
})

test('limits of memory that are in nobody’s way go down in time', async () => {
  // More than what is asked for is not in use, so it takes no longer than any resize.
  const before = await node.get('web')
  const begin = performance.now()
  await node.resize('web', to({ requests: { memory: '8Mi' }, limits: { memory: '16Mi' } }))
  await expectResized(node, before)
  assert.ok(performance.now() - begin < slow(2000))
})
