import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Pod, PodCondition } from '../../src/domain/pod.ts'
import { isKubeError } from '../../src/kube/client/kube-error.ts'
import { events, pods } from '../../src/kube/object/resource.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { FaultyRunc } from './faulty-runc.ts'
import {
  containerIds,
  getPod,
  leftoversOfPod,
  restartsOf,
  untilGone,
  untilRight,
} from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

let runc: FaultyRunc
let faulty: FaultyPodfit

before(async () => {
  runc = new FaultyRunc()
  faulty = await FaultyPodfit.start({ env: runc.env })
})
after(async () => {
  runc.heal()
  await faulty[Symbol.asyncDispose]()
  runc[Symbol.dispose]()
})

describe('updates that fail for a while are tried again, and named with cause and cure', () => {
  for (const [name, text, cause] of [
    ['frozen', 'unable to freeze', /could not stop the processes .*: wait; if it stays, look for/],
    ['busy', 'write memory.max: device or resource busy', /more is in use: free memory/],
    ['stopped', 'container not running', /was not running at that moment: wait until it runs/],
    ['full', 'fork: cannot allocate memory', /not enough memory .*: ask for a larger memory limit/],
  ] as const) {
    it(text, async () => {
      const old = await create(name, ['a'])
      const id = containerIds(old).get('a') ?? ''
      const heal = runc.add({ verb: 'update', of: id, does: { fails: text } })
      await resize(name, { a: large })
      const { message = '' } = await untilFailed(name)
      assert.ok(message.includes(text), message)
      assert.match(message, cause)
      // The waits are tested by themselves; here it comes again, whatever happens to the pod.
      await waitUntil('a third try', () => runc.calls('update', id).length >= 3)
      heal()
      await assertUnharmed(old)
      assert.equal((await told(name, 'ResizeError')).length, 1)
    })
  }
})

describe('an update that fails for good', () => {
  it('is reported once, however often it is tried', async () => {
    const old = await create('refused', ['a'])
    const id = containerIds(old).get('a') ?? ''
    const text = 'write cpu.cfs_quota_us: invalid argument'
    const heal = runc.add({ verb: 'update', of: id, does: { fails: text } })
    await resize('refused', { a: large })
    const { message = '' } = await untilFailed('refused')
    assert.match(message, /invalid argument[^]*\(the kernel refuses the value, .*podfit verify/)
    for (const tries of [2, 3]) {
      // Whatever happens to the pod has the node look at it once more.
      await label('refused', String(tries))
      await waitUntil(`try ${tries}`, () => runc.calls('update', id).length >= tries)
    }
    const events = () => told('refused', 'ResizeError')
    const all = await waitUntil('the event of it', events, ({ length }) => length > 0)
    assert.deepEqual(
      all.map(({ count }) => count),
      [1],
    )
    heal()
    await label('refused', 'healed')
    await assertUnharmed(old)
  })
})

describe('an update that takes its time', () => {
  it('is waited for, and is the only one for CPU and memory', async () => {
    const old = await create('slow', ['a'])
    const id = containerIds(old).get('a') ?? ''
    runc.add({ verb: 'update', of: id, times: 1, does: { takesMs: 3000 } })
    await resize('slow', { a: large })
    await assertUnharmed(old)
    assert.equal(runc.calls('update', id).length, 1)
    assert.deepEqual(await told('slow', 'ResizeError'), [])
  })
})

describe('the third container of a pod', () => {
  it('fails a while: in the end all have the new size, and none was restarted', async () => {
    const old = await create('three', ['a', 'b', 'c'])
    const id = containerIds(old).get('c') ?? ''
    runc.add({ verb: 'update', of: id, times: 3, does: { fails: 'unable to freeze' } })
    await resize('three', { a: large, b: large, c: large })
    await assertUnharmed(old)
    assert.equal(runc.calls('update', id).length, 4)
  })
})

describe('a start that fails because of the cgroup', () => {
  for (const [name, verb, text] of [
    ['unmade', 'create', 'unable to apply cgroup configuration: device or resource busy'],
    ['unstarted', 'start', 'unable to freeze'],
    ['cramped', 'create', 'container init was OOM-killed (memory limit too low?)'],
  ] as const) {
    it(`${verb}: ${text}: is tried again and does not count as a crash`, async () => {
      // The sandbox is the first.
      const heal = runc.add({ verb, after: 1, does: { fails: text } })
      await faulty.client.create(pods, testPod(name, [{ name: 'a', size: small }]))
      const waiting = await waitUntil(
        'the start to fail',
        async () => (await getPod(faulty, name)).status?.containerStatuses?.[0]?.state?.waiting,
        (state) => state?.reason === 'RunContainerError',
      )
      assert.ok(waiting?.message?.includes(text), waiting?.message)
      assert.match(waiting?.message ?? '', /\(.+: .+\)$/)
      const tries = runc.calls(verb).length
      await waitUntil('another try', () => runc.calls(verb).length > tries)
      heal()
      const pod = await untilRight(faulty, name)
      assert.equal(restartsOf(pod, 'a'), 0)
      assert.deepEqual(pod.status?.containerStatuses?.[0]?.lastState, {})
      await remove(pod)
    })
  }

  it('is tried again after a crash, too', async () => {
    const text = 'unable to apply cgroup configuration: device or resource busy'
    // The sandbox, the run that crashes, and then its next start.
    const heal = runc.add({ verb: 'create', after: 2, times: 1, does: { fails: text } })
    const once = '[ -e /run/once/ran ] || { touch /run/once/ran; exit 1; }'
    const command = ['sh', '-c', `${once}; trap "exit 0" TERM; while :; do sleep 1000 & wait; done`]
    const { spec, ...pod } = testPod('crashed', [{ name: 'a', size: small, command }])
    const volumeMounts = [{ name: 'once', mountPath: '/run/once' }]
    const containers = spec.containers.map((one) => ({ ...one, volumeMounts }))
    const volumes = [{ name: 'once', emptyDir: {} }]
    await faulty.client.create(pods, { ...pod, spec: { ...spec, containers, volumes } })
    // Its first run may be seen, too, right as it is.
    const restarts = async () => restartsOf(await getPod(faulty, 'crashed'), 'a')
    await waitUntil('it to be restarted', restarts, Boolean, { withinMs: 30_000 })
    const right = await untilRight(faulty, 'crashed')
    heal()
    assert.equal(restartsOf(right, 'a'), 1)
    await remove(right)
  })

  it('one that fails by its program does count', async () => {
    const broken = { name: 'a', size: small, command: ['/no/such/program'] }
    await faulty.client.create(pods, testPod('broken', [broken]))
    const pod = await waitUntil(
      'it to be restarted',
      () => getPod(faulty, 'broken'),
      (one) => (restartsOf(one, 'a') ?? 0) >= 1,
      { withinMs: 30_000 },
    )
    await remove(pod)
  })
})

describe('a pod that leaves', () => {
  for (const verb of ['kill', 'delete'] as const) {
    it(`is gone although ${verb} fails a while`, async () => {
      const pod = await create(`leaves-${verb}`, ['a'])
      const id = containerIds(pod).get('a') ?? ''
      const text = 'device or resource busy'
      const heal = runc.add({ verb, of: id, times: 2, does: { fails: text } })
      await remove(pod)
      heal()
    })
  }
})

async function create(name: string, containers: readonly string[]): Promise<Pod> {
  const all = containers.map((container) => ({ name: container, size: small }))
  await faulty.client.create(pods, testPod(name, all))
  return untilRight(faulty, name)
}

async function remove(pod: Pod): Promise<void> {
  const { name } = pod.metadata
  await faulty.client.delete(pods, { namespace: 'default', name }).catch((error: unknown) => {
    if (!isKubeError(error, 'NotFound')) throw error
  })
  await untilGone(faulty, name)
  await waitUntil(
    'nothing to be left of it',
    () => leftoversOfPod(faulty, pod),
    (left) => left.length === 0,
  )
}

function resize(name: string, sizes: Readonly<Record<string, TestSize>>): Promise<Pod> {
  const address = { namespace: 'default', name, subresource: 'resize' }
  return faulty.client.patch(pods, address, { type: 'strategic', body: resizePatch(sizes) })
}

async function label(name: string, value: string): Promise<void> {
  const body = { metadata: { labels: { look: value } } }
  await faulty.client.patch(pods, { namespace: 'default', name }, { type: 'merge', body })
}

function untilFailed(name: string, withinMs = 20_000): Promise<PodCondition> {
  return waitUntil(
    `the resize of ${name} to fail`,
    async () =>
      (await getPod(faulty, name)).status?.conditions?.find(
        ({ type, reason }) => type === 'PodResizeInProgress' && reason === 'Error',
      ),
    Boolean,
    { withinMs },
  ) as Promise<PodCondition>
}

/** It has the new size in the end, in the same containers; then it makes room. */
async function assertUnharmed(old: Pod): Promise<void> {
  const pod = await untilRight(faulty, old.metadata.name)
  assert.deepEqual(containerIds(pod), containerIds(old))
  for (const { name } of pod.spec.containers) assert.equal(restartsOf(pod, name), 0)
  await remove(pod)
}

interface PodEvent {
  readonly reason: string
  readonly count?: number
}

async function told(name: string, reason: string): Promise<readonly PodEvent[]> {
  const fieldSelector = `involvedObject.name=${name},reason=${reason}`
  const { items } = await faulty.client.list(events, { namespace: 'default', fieldSelector })
  return items as readonly object[] as PodEvent[]
}
