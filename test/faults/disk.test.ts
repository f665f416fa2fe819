import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  symlinkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Pod, ResourceList } from '../../src/domain/pod.ts'
import { KubeError } from '../../src/kube/client/kube-error.ts'
import type { KubeObject } from '../../src/kube/object/kube-object.ts'
import { nodes, pods } from '../../src/kube/object/resource.ts'
import { sizeOf } from '../../src/domain/resources/size.ts'
import { waitUntil } from '../support/wait-until.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, getPod, podCgroup, restartsOf, sizesOf, untilRight } from './find-faults.ts'
import { wrongFiles } from './kernel-files.ts'
import { SmallDisk } from './small-disk.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

const diskMiB = 192

describe('a full disk', () => {
  let disk: SmallDisk
  const usual = process.env['TMPDIR']
  let faulty: FaultyPodfit
  let old: Pod

  before(async () => {
    disk = new SmallDisk(diskMiB)
    process.env['TMPDIR'] = disk.path
    faulty = await FaultyPodfit.start()
    await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
    old = await untilRight(faulty, 'only')
  })
  after(async () => {
    disk.empty()
    await faulty[Symbol.asyncDispose]()
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
    disk[Symbol.dispose]()
  })

  it('writes are refused with a Status and half of nothing is done; reading goes on', async () => {
    disk.fill()
    const refusal = await untilRefused()
    assert.equal(refusal.code, 500)
    assert.equal(refusal.reason, 'InternalError')
    assert.match(refusal.message, /Cannot write to \S+api\.db: database or disk is full/)
    await assert.rejects(faulty.client.create(pods, testPod('more', [{ name: 'a', size: small }])))
    // What was refused is not there, and what is there is everywhere the same.
    await assertSettled()
    assert.equal(faulty.running, true)
  })

  it('goes on when there is room again', async () => {
    disk.empty()
    const [has] = sizesOf((await getPod(faulty, 'only')).spec)
    const size = has?.cpu[0] === small.cpu[0] ? large : small
    await resize(size)
    await assertSettled()
    await faulty.client.create(pods, testPod('more', [{ name: 'a', size: small }]))
    await untilRight(faulty, 'more')
  })

  it('with room for some writes only, each is done whole or not at all', async () => {
    for (const freed of [4096, 8192, 16_384, 65_536, 262_144]) {
      disk.fill(freed)
      for (const size of [large, small, large, small]) await resize(size).catch(expectRefusal)
      disk.empty()
      await assertSettled()
    }
  })

  it('kill -9 on a full disk loses nothing', async () => {
    disk.fill()
    await resize(large).catch(expectRefusal)
    const { spec } = await getPod(faulty, 'only')
    await faulty.podfit.kill9()
    disk.empty()
    await faulty.start()
    assert.deepEqual((await getPod(faulty, 'only')).spec, spec)
    await assertSettled()
  })

  /** The write-ahead log may have room in itself for some more. */
  async function untilRefused(): Promise<KubeError> {
    for (let tries = 0; tries < 2000; tries += 1) {
      try {
        await resize(tries % 2 === 0 ? large : small)
      } catch (error) {
        expectRefusal(error)
        return error as KubeError
      }
    }
    throw new Error('2000 writes to a full disk were taken')
  }

  async function assertSettled(): Promise<void> {
    const pod = await untilRight(faulty, 'only')
    assert.deepEqual(containerIds(pod), containerIds(old))
    assert.equal(restartsOf(pod, 'a'), 0)
  }

  function resize(size: TestSize): Promise<Pod> {
    const address = { namespace: 'default', name: 'only', subresource: 'resize' }
    return faulty.client.patch(pods, address, {
      type: 'strategic',
      body: resizePatch({ a: size }),
    })
  }
})

/** What becomes of a database: whether it is still there. */
const damages = {
  'is none': (file: string) => {
    truncateSync(file, 0)
    appendFileSync(file, 'this is no database, but long enough to be taken for one\n'.repeat(99))
  },
  'has a page of nonsense': (file: string) => {
    const { size } = statSync(file)
    for (let at = 4096; at < size; at += 4096) overwrite(file, at)
  },
}

describe('a database that is damaged', () => {
  let faulty: FaultyPodfit
  let disk: SmallDisk
  const names = ['only', 'restarts', 'waits', 'large']
  let ids: readonly unknown[]
  before(async () => {
    disk = new SmallDisk(4)
    faulty = await FaultyPodfit.start()
    const [node] = (await faulty.client.list(nodes)).items
    const { status } = node as KubeObject & { status: { allocatable: ResourceList } }
    const { cpuRequest: cpu = 0 } = sizeOf({ requests: status.allocatable })
    // It leaves room for the others, and 100m.
    const most: TestSize = { cpu: [cpu - 250, cpu - 250], memory: [16, 32] }
    await create(testPod('large', [{ name: 'a', size: most }]))
    await create(testPod('only', [{ name: 'a', size: small }]))
    await create(testPod('restarts', [{ name: 'a', size: small, restarts: true }]))
    await create(testPod('waits', [{ name: 'a', size: small }]))
    await Promise.all(names.map((name) => untilRight(faulty, name)))
    await resize('waits', waited)
    await untilDeferred()
    ids = await containers()
    await faulty.podfit.stop()
  })
  after(async () => {
    disk.empty()
    await faulty[Symbol.asyncDispose]()
    disk[Symbol.dispose]()
  })

  const waited: TestSize = { ...small, cpu: [300, 300] }

  for (const [damage, apply] of Object.entries(damages)) {
    it(`api.db that ${damage}: one line, and the pods run on`, async () => {
      const file = join(faulty.podfit.dataDir, 'api.db')
      copyFileSync(file, `${file}.whole`)
      apply(file)
      const before = faulty.podfit.log.length
      await assert.rejects(faulty.start())
      const said = faulty.podfit.log.slice(before)
      assert.match(said, new RegExp(`^podfit up: Cannot (open|read) ${file}: .+$`, 'm'), said)
      assert.doesNotMatch(said, /^\s+at /m)
      copyFileSync(`${file}.whole`, file)
      rmSync(`${file}-wal`, { force: true })
      await faulty.start()
      await assertUntouched('only')
      await faulty.podfit.stop()
    })

    it(`node.db that ${damage} is kept, told of once, and made anew from what runs`, async () => {
      const file = join(faulty.podfit.dataDir, 'node.db')
      apply(file)
      await faulty.start()
      await assertUntouched('restarts')
      const kept = readdirSync(faulty.podfit.dataDir).filter((one) =>
        /^node\.db\.damaged-[^-]+$/.test(one),
      )
      assert.equal(kept.length, 1)
      const log = readFileSync(join(faulty.podfit.dataDir, 'podfit.log'), 'utf8')
      assert.equal(
        log.split(`it is kept as ${join(faulty.podfit.dataDir, kept[0] ?? '')}`).length,
        2,
      )
      await faulty.podfit.stop()
      for (const one of kept) rmSync(join(faulty.podfit.dataDir, one))
    })
  }

  it('node.db that is missing is made anew, and the resize that waited goes on', async () => {
    for (const suffix of ['', '-wal', '-shm']) {
      rmSync(join(faulty.podfit.dataDir, `node.db${suffix}`), { force: true })
    }
    await faulty.start()
    await assertUntouched('restarts')
    await faulty.client.delete(pods, { namespace: 'default', name: 'large' })
    const pod = await untilRight(faulty, 'waits')
    assert.deepEqual(sizesOf(pod.spec), [waited])
    assert.deepEqual(containerIds(pod), ids[names.indexOf('waits')])
  })

  it('node.db alone on a full disk: no step is lost, and all go on when there is room', async () => {
    await faulty.podfit.stop()
    const file = join(faulty.podfit.dataDir, 'node.db')
    copyFileSync(file, join(disk.path, 'node.db'))
    rmSync(file)
    symlinkSync(join(disk.path, 'node.db'), file)
    await faulty.start()
    const refused = new Set<string>()
    // Each record takes some pages of SQLite's log: a page more each time, until all three fit.
    for (let pages = 0; ; pages += 1) {
      assert.ok(pages < 30, `refused with 29 pages left, too: ${[...refused].join(' ')}`)
      const { spec } = await untilRight(faulty, 'only')
      faulty.takeSteps()
      disk.fill(pages * 4096)
      await resize('only', sizesOf(spec)[0]?.memory[0] === large.memory[0] ? small : large)
      const step = await untilRefusedOrDone()
      disk.empty()
      if (step === undefined) break
      refused.add(step)
    }
    assert.deepEqual([...refused], ['node.allocated', 'node.updating', 'node.actuated'])
    const only = await untilRight(faulty, 'only')
    assert.equal(restartsOf(only, 'a'), 0)
    assert.deepEqual(containerIds(only), ids[0])
  })

  /** The first record that could not be written down since the steps were taken; undefined once all were. */
  async function untilRefusedOrDone(): Promise<string | undefined> {
    const steps: string[] = []
    const look = (): boolean => {
      steps.push(...faulty.takeSteps())
      return refusedOf(steps) !== undefined || steps.includes('node.actuated.after')
    }
    await waitUntil('a record to be refused, or all to be written', look, Boolean, {
      withinMs: 30_000,
    })
    return refusedOf(steps)
  }

  /** Nothing was restarted or rejected, what waited waits, and the node goes on from there. */
  async function assertUntouched(changed: string): Promise<void> {
    const before = sizesOf((await getPod(faulty, changed)).spec)[0]
    // No memory: that would restart it.
    const grows = before?.cpu[0] === small.cpu[0]
    await resize(changed, { ...small, cpu: grows ? large.cpu : small.cpu })
    await Promise.all(
      names.filter((name) => name !== 'waits').map((name) => untilRight(faulty, name)),
    )
    await untilDeferred()
    assert.deepEqual(await containers(), ids)
    const waits = await getPod(faulty, 'waits')
    const id = containerIds(waits).get('a') ?? ''
    assert.deepEqual(wrongFiles(`${podCgroup(waits, faulty.cgroup)}/${id}`, small), [])
    for (const name of names) assert.equal(restartsOf(await getPod(faulty, name), 'a'), 0)
  }

  async function containers(): Promise<readonly unknown[]> {
    return Promise.all(names.map(async (name) => containerIds(await getPod(faulty, name))))
  }

  async function untilDeferred(): Promise<void> {
    await waitUntil(
      'the resize to be deferred',
      async () => (await getPod(faulty, 'waits')).status?.conditions ?? [],
      (all) => all.some(({ type, reason }) => type === 'PodResizePending' && reason === 'Deferred'),
    )
  }

  async function create(pod: Pod): Promise<void> {
    await faulty.client.create(pods, pod)
  }

  async function resize(name: string, size: TestSize): Promise<void> {
    const address = { namespace: 'default', name, subresource: 'resize' }
    const body = resizePatch({ a: size })
    await faulty.client.patch(pods, address, { type: 'strategic', body })
  }
})

function overwrite(file: string, at: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(4096, 'nonsense'), 0, 4096, at)
  closeSync(descriptor)
}

function expectRefusal(error: unknown): void {
  if (error instanceof KubeError && error.message.includes('disk is full')) return
  throw error
}

/** A record's beginning that anything but its end comes after: nothing else is done meanwhile. */
function refusedOf(steps: readonly string[]): string | undefined {
  const at = steps.findIndex((step, index) => {
    const record = /^(node\.(?:allocated|updating|actuated))\.before$/.exec(step)?.[1]
    const next = steps[index + 1]
    return record !== undefined && next !== undefined && next !== `${record}.after`
  })
  return steps[at]?.replace('.before', '')
}
