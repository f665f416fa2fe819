import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { cpuWeight, cpuShares } from '../../src/domain/units.ts'
import { weightFor } from '../../src/domain/cgroup/cpu.ts'
import type { Pod, PodSpec, ResourceRequirements } from '../../src/domain/pod.ts'
import { createKubectl } from '../support/kubectl.ts'
import { waitUntil } from '../support/wait-until.ts'
import { containerCgroup, expectQosCgroups, expectResized, podCgroup } from './expect-size.ts'
import { conditionOf, idle, isRunning, LiveNode, type PodSpecPatch, statusOf } from './live-node.ts'

const mebi = 1024 * 1024

let node: LiveNode

/** `{ requests: { cpu, memory }, limits: { cpu, memory } }`; an absent one is left out. */
function sized(cpu: string, memory: string, cpuLimit?: string, memoryLimit?: string) {
  const limits = {
    ...(cpuLimit === undefined ? {} : { cpu: cpuLimit }),
    ...(memoryLimit === undefined ? {} : { memory: memoryLimit }),
  }
  const requests = { cpu, memory }
  return Object.keys(limits).length === 0 ? { requests } : { requests, limits }
}

function same(cpu: string, memory: string): ResourceRequirements {
  return sized(cpu, memory, cpu, memory)
}

function to(sizes: Readonly<Record<string, ResourceRequirements>>): PodSpecPatch {
  return { containers: Object.entries(sizes).map(([name, resources]) => ({ name, resources })) }
}

const specs: Readonly<Record<string, PodSpec>> = {
  guaranteed: { containers: [idle('app', same('100m', '32Mi'))] },
  burstable: { containers: [idle('app', sized('100m', '32Mi', '200m', '64Mi'))] },
  pair: {
    containers: [
      idle('one', sized('100m', '64Mi', '400m', '128Mi')),
      idle('two', sized('50m', '16Mi', '100m', '32Mi')),
    ],
  },
  unlimited: { containers: [idle('app', sized('50m', '16Mi'))] },
  half: {
    containers: [
      idle('limited', sized('50m', '16Mi', '100m', '32Mi')),
      idle('free', { requests: { cpu: '50m' }, limits: { memory: '64Mi' } }),
    ],
  },
  effortless: { containers: [idle('app')] },
  sidecar: {
    initContainers: [
      { ...idle('side', sized('20m', '16Mi', '50m', '32Mi')), restartPolicy: 'Always' },
    ],
    containers: [idle('app', sized('50m', '16Mi', '100m', '32Mi'))],
  },
  patched: { containers: [idle('app', same('100m', '32Mi'))] },
}

before(async () => {
  node = await LiveNode.start()
  await Promise.all(Object.entries(specs).map(([name, spec]) => node.run(name, spec)))
})
after(() => node?.[Symbol.asyncDispose]())

/** Resizes by strategic merge patch and checks every layer. */
async function resize(name: string, patch: PodSpecPatch): Promise<Pod> {
  const before = await node.get(name)
  const answered = await node.resize(name, patch)
  assert.equal(answered.metadata.generation, (before.metadata.generation ?? 0) + 1)
  return expectResized(node, before)
}

/** The files of a cgroup, in numbers that were worked out by hand. */
function expectNumbers(
  path: string,
  { shares, quota, memory }: { shares?: number; quota?: number | 'max'; memory?: number | 'max' },
  level: 'container' | 'pod' = 'container',
): void {
  const reading = node.tree.read(path)
  if (shares !== undefined && reading.cpu.kind === 'shares') {
    assert.equal(reading.cpu.shares, shares)
  } else if (shares !== undefined && reading.cpu.kind === 'weight') {
    const linear = cpuWeight(weightFor(cpuShares(shares), 'linear'))
    const quadratic = cpuWeight(weightFor(cpuShares(shares), 'quadratic'))
    const legal = level === 'pod' ? [linear] : [linear, quadratic]
    assert.ok(
      legal.includes(reading.cpu.weight),
      `weight ${reading.cpu.weight}, not ${legal.join()}`,
    )
  }
  if (quota !== undefined) assert.equal(reading.cpuQuota, quota)
  if (memory !== undefined) assert.equal(reading.memoryLimit, memory)
}

test('Guaranteed: CPU and memory up and down, and every layer follows', async () => {
  const up = await resize('guaranteed', to({ app: same('250m', '64Mi') }))
  const files = { shares: 256, quota: 25_000, memory: 64 * mebi }
  expectNumbers(containerCgroup(node, up, 'app'), files)
  expectNumbers(podCgroup(node, up), files, 'pod')
  assert.equal(up.status?.qosClass, 'Guaranteed')
  const down = await resize('guaranteed', to({ app: same('50m', '16Mi') }))
  const less = { shares: 51, quota: 5000, memory: 16 * mebi }
  expectNumbers(containerCgroup(node, down, 'app'), less)
  expectNumbers(podCgroup(node, down), less, 'pod')
  assert.equal(statusOf(down, 'app').restartCount, 0)
})

test('events tell of the start and the end, in the words of the kubelet', async () => {
  const before = await node.get('guaranteed')
  const pod = await resize('guaranteed', to({ app: same('100m', '48Mi') }))
  const { generation } = pod.metadata
  assert.equal(generation, (before.metadata.generation ?? 0) + 1)
  const size = '{"limits":{"cpu":"100m","memory":"48Mi"},"requests":{"cpu":"100m","memory":"48Mi"}}'
  const json = `{"containers":[{"name":"app","resources":${size}}],"generation":${generation}}`
  const started = await node.told('guaranteed', 'ResizeStarted', `Pod resize started: ${json}`)
  assert.deepEqual([started.type, started.source?.component], ['Normal', 'kubelet'])
  const completed = `Pod resize completed: ${json}`
  assert.equal((await node.told('guaranteed', 'ResizeCompleted', completed)).type, 'Normal')
})

test('Burstable: requests and limits each by themselves, up and down', async () => {
  const cases: [ResourceRequirements, { shares: number; quota: number; memory: number }][] = [
    [{ requests: { cpu: '150m' } }, { shares: 153, quota: 20_000, memory: 64 * mebi }],
    [{ requests: { memory: '48Mi' } }, { shares: 153, quota: 20_000, memory: 64 * mebi }],
    [{ limits: { cpu: '300m' } }, { shares: 153, quota: 30_000, memory: 64 * mebi }],
    [{ limits: { memory: '96Mi' } }, { shares: 153, quota: 30_000, memory: 96 * mebi }],
    [
      { requests: { cpu: '10m', memory: '8Mi' }, limits: { cpu: '500m', memory: '32Mi' } },
      { shares: 10, quota: 50_000, memory: 32 * mebi },
    ],
  ]
  for (const [resources, numbers] of cases) {
    const pod = await resize('burstable', to({ app: resources }))
    expectNumbers(containerCgroup(node, pod, 'app'), numbers)
    expectNumbers(podCgroup(node, pod), numbers, 'pod')
  }
})

test('tiny and odd sizes: the least quota, the least shares, whole pages', async () => {
  const pod = await resize('burstable', to({ app: sized('1m', '8Mi', '5m', '33333333') }))
  // 5m would be 500 us, and the kernel takes 1000 at least.
  const numbers = { shares: 2, quota: 1000, memory: 33_333_248 }
  assert.equal(numbers.memory % 4096, 0)
  expectNumbers(containerCgroup(node, pod, 'app'), numbers)
  expectNumbers(podCgroup(node, pod), numbers, 'pod')
  const { resources } = statusOf(pod, 'app')
  assert.deepEqual(resources?.limits, { cpu: '5m', memory: '33333333' })
  // 5m and 10m are the same to the kernel, and not to the API.
  const more = await resize('burstable', to({ app: { limits: { cpu: '10m' } } }))
  expectNumbers(containerCgroup(node, more, 'app'), { quota: 1000 })
  assert.equal(statusOf(more, 'app').resources?.limits?.['cpu'], '10m')
})

test('two containers at once in opposite directions', async () => {
  const pod = await resize(
    'pair',
    to({
      one: sized('50m', '16Mi', '100m', '32Mi'),
      two: sized('100m', '64Mi', '400m', '128Mi'),
    }),
  )
  expectNumbers(containerCgroup(node, pod, 'one'), { quota: 10_000, memory: 32 * mebi })
  expectNumbers(containerCgroup(node, pod, 'two'), { quota: 40_000, memory: 128 * mebi })
  expectNumbers(podCgroup(node, pod), { shares: 153, quota: 50_000, memory: 160 * mebi }, 'pod')
  // CPU and memory of one container against each other, too.
  const mixed = await resize(
    'pair',
    to({
      one: sized('200m', '8Mi', '300m', '16Mi'),
      two: sized('20m', '96Mi', '50m', '192Mi'),
    }),
  )
  expectNumbers(podCgroup(node, mixed), { shares: 225, quota: 35_000, memory: 208 * mebi }, 'pod')
  // Only one of the two.
  const other = await resize('pair', to({ two: { limits: { cpu: '60m' } } }))
  expectNumbers(podCgroup(node, other), { quota: 36_000 }, 'pod')
})

test('limits where there were none appear in the container and in the pod', async () => {
  const before = await node.get('unlimited')
  const none = { quota: 'max', memory: 'max' } as const
  expectNumbers(containerCgroup(node, before, 'app'), none)
  expectNumbers(podCgroup(node, before), none, 'pod')
  const pod = await resize('unlimited', to({ app: { limits: { cpu: '200m', memory: '64Mi' } } }))
  const limits = { shares: 51, quota: 20_000, memory: 64 * mebi }
  expectNumbers(containerCgroup(node, pod, 'app'), limits)
  expectNumbers(podCgroup(node, pod), limits, 'pod')
})

test('the pod has a limit only where every container has one', async () => {
  const before = await node.get('half')
  expectNumbers(podCgroup(node, before), { quota: 'max', memory: 96 * mebi }, 'pod')
  const pod = await resize('half', to({ free: { limits: { cpu: '150m' } } }))
  expectNumbers(podCgroup(node, pod), { quota: 25_000, memory: 96 * mebi }, 'pod')
})

test('BestEffort: a size would make it another class, and is refused', async () => {
  const before = await node.get('effortless')
  expectNumbers(containerCgroup(node, before, 'app'), { shares: 2, quota: 'max', memory: 'max' })
  const patch = JSON.stringify({ spec: to({ app: { requests: { cpu: '100m' } } }) })
  const args = ['patch', 'pod', 'effortless', '--subresource=resize', '-p', patch]
  const { code, stderr } = await node.kubectl.try(args)
  assert.equal(code, 1)
  assert.equal(
    stderr,
    'The Pod "effortless" is invalid: spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing\n',
  )
  const after = await node.get('effortless')
  assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion)
  assert.deepEqual(statusOf(after, 'app').resources, {})
  assert.equal(statusOf(after, 'app').allocatedResources, undefined)
})

test('a sidecar is resized like any other container', async () => {
  const pod = await resize('sidecar', {
    initContainers: [{ name: 'side', resources: sized('40m', '32Mi', '150m', '64Mi') }],
    ...to({ app: sized('60m', '16Mi', '90m', '24Mi') }),
  })
  expectNumbers(containerCgroup(node, pod, 'side'), {
    shares: 40,
    quota: 15_000,
    memory: 64 * mebi,
  })
  expectNumbers(podCgroup(node, pod), { shares: 102, quota: 24_000, memory: 88 * mebi }, 'pod')
  const { generation } = pod.metadata
  const side =
    '{"name":"side","resources":{"limits":{"cpu":"150m","memory":"64Mi"},"requests":{"cpu":"40m","memory":"32Mi"}}}'
  const app =
    '{"name":"app","resources":{"limits":{"cpu":"90m","memory":"24Mi"},"requests":{"cpu":"60m","memory":"16Mi"}}}'
  await node.told(
    'sidecar',
    'ResizeCompleted',
    `Pod resize completed: {"initContainers":[${side}],"containers":[${app}],"generation":${generation}}`,
  )
})

test('an init container is resized while it runs, and the pod goes on from there', async () => {
  const prep = idle('prep', sized('20m', '16Mi', '100m', '32Mi'))
  const waits = ['sh', '-c', 'until [ -e /tmp/go ]; do sleep 0.1; done']
  await node.create('preparing', {
    initContainers: [{ ...prep, command: waits }],
    containers: [idle('app', sized('10m', '16Mi', '50m', '24Mi'))],
  })
  await node.until(
    'preparing',
    'prepare',
    ({ status }) => status?.initContainerStatuses?.[0]?.state?.running !== undefined,
  )
  const resources = sized('40m', '24Mi', '150m', '48Mi')
  await node.resize('preparing', { initContainers: [{ name: 'prep', resources }] })
  const pod = await node.settled('preparing')
  assert.deepEqual(statusOf(pod, 'prep').resources, resources)
  expectNumbers(containerCgroup(node, pod, 'prep'), {
    shares: 40,
    quota: 15_000,
    memory: 48 * mebi,
  })
  // One after the other, so the pod needs no more than the larger of them.
  expectNumbers(podCgroup(node, pod), { shares: 40, quota: 15_000, memory: 48 * mebi }, 'pod')
  // The container that ends by it may take it along before it could tell that it is done.
  await node.kubectl.try(['exec', 'preparing', '-c', 'prep', '--', 'touch', '/tmp/go'])
  const done = await node.until('preparing', 'run', isRunning)
  assert.equal(statusOf(done, 'prep').restartCount, 0)
  assert.deepEqual(statusOf(done, 'prep').resources, resources)
})

test('kubectl resizes by each kind of patch, by replace and by edit', async () => {
  const { kubectl } = node
  const subresource = ['pod', 'patched', '--subresource=resize']
  const patch = (type: string, body: unknown): Promise<string> =>
    kubectl.run(['patch', ...subresource, `--type=${type}`, '-p', JSON.stringify(body)])
  const cpuLimit = '/spec/containers/0/resources/limits/cpu'
  const cpuRequest = '/spec/containers/0/resources/requests/cpu'
  const editor = join(node.podfit.scratchDir, 'editor')
  writeFileSync(editor, '#!/bin/sh\nexec sed -i "s/cpu: 130m/cpu: 140m/" "$1"\n')
  chmodSync(editor, 0o755)
  // An older kubectl cannot edit what has fields that it does not know, such as status.resources.
  const newer = createKubectl(node.podfit.kubeconfig, '1.36')
  const ways: [string, () => Promise<string>][] = [
    ['110m', () => patch('strategic', { spec: to({ app: same('110m', '32Mi') }) })],
    [
      // The list is replaced as a whole, so the container has to be, too.
      '120m',
      async () => {
        const { spec } = await node.get('patched')
        const containers = spec.containers.map((one) => ({
          ...one,
          resources: same('120m', '32Mi'),
        }))
        return patch('merge', { spec: { containers } })
      },
    ],
    [
      '125m',
      () =>
        patch('json', [
          { op: 'test', path: cpuLimit, value: '120m' },
          { op: 'replace', path: cpuLimit, value: '0.125' },
          { op: 'replace', path: cpuRequest, value: '125m' },
        ]),
    ],
    [
      '130m',
      async () => {
        const pod = await kubectl.run(['get', 'pod', 'patched', '-o', 'json'])
        const input = pod.replaceAll('125m', '130m')
        return kubectl.run(['replace', '--subresource=resize', '-f', '-'], { input })
      },
    ],
    ['140m', () => newer.run(['edit', ...subresource], { env: { EDITOR: editor } })],
  ]
  for (const [cpu, way] of ways) {
    const before = await node.get('patched')
    await way()
    const pod = await expectResized(node, before)
    assert.deepEqual(pod.spec.containers[0]?.resources, same(cpu, '32Mi'))
    assert.equal(pod.metadata.generation, (before.metadata.generation ?? 0) + 1)
  }
})

test('a resize to the size that is there already changes nothing', async () => {
  const before = await node.get('patched')
  await node.resize('patched', to({ app: before.spec.containers[0]?.resources ?? {} }))
  const after = await node.get('patched')
  assert.equal(after.metadata.generation, before.metadata.generation)
  assert.equal(after.metadata.resourceVersion, before.metadata.resourceVersion)
})

test('a resize changes nothing but sizes, whatever else its body says', async () => {
  const before = await node.get('patched')
  await node.resize('patched', {
    type: 'strategic',
    body: {
      metadata: { labels: { sneaked: 'in' } },
      spec: { containers: [{ name: 'app', image: 'other', resources: same('150m', '32Mi') }] },
      status: { phase: 'Failed' },
    },
  })
  const pod = await expectResized(node, before)
  assert.equal(pod.spec.containers[0]?.image, 'busybox')
  assert.equal(pod.metadata.labels, undefined)
})

test('many resizes on top of each other end at the last one', async () => {
  const before = await node.get('guaranteed')
  const sizes = Array.from({ length: 20 }, (_, index) =>
    same(`${100 + index * 5}m`, `${32 + index}Mi`),
  )
  await Promise.all(sizes.slice(0, -1).map((size) => node.resize('guaranteed', to({ app: size }))))
  await node.resize('guaranteed', to({ app: sizes.at(-1) ?? {} }))
  const pod = await expectResized(node, before)
  assert.deepEqual(pod.spec.containers[0]?.resources, same('195m', '51Mi'))
  assert.equal(pod.metadata.generation, (before.metadata.generation ?? 0) + 20)
  assert.equal(conditionOf(pod, 'Ready')?.status, 'True')
})

test('the weight of the Burstable class follows its pods', async () => {
  await node.remove('pair', 'half')
  // The last look at a pod may come after it has left the API.
  await waitUntil('the weight', () => expectQosCgroups(node).then(() => true))
})
