import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/domain/pod.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { pods } from '../../src/kube/resource.ts'
import { FaultyPodfit } from './faulty-podfit.ts'
import { containerIds, getPod, restartsOf, sizesOf, untilRight } from './find-faults.ts'
import { large, resizePatch, small, testPod, type TestSize } from './sized-pod.ts'

const diskMiB = 192

describe('a full disk', () => {
  const disk = mkdtempSync(join(tmpdir(), 'small-disk-'))
  const filler = join(disk, 'filler')
  const usual = process.env['TMPDIR']
  let faulty: FaultyPodfit
  let old: Pod

  before(async () => {
    mount(['-t', 'tmpfs', '-o', `size=${diskMiB}m`, 'small', disk])
    process.env['TMPDIR'] = disk
    faulty = await FaultyPodfit.start()
    await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
    old = await untilRight(faulty, 'only')
  })
  after(async () => {
    rmSync(filler, { force: true })
    await faulty[Symbol.asyncDispose]()
    if (usual === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = usual
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  })

  it('writes are refused with a Status and half of nothing is done; reading goes on', async () => {
    fill(filler)
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
    rmSync(filler)
    const size = sizesOf((await getPod(faulty, 'only')).spec)[0]?.cpu[0] === 100 ? large : small
    await resize(size)
    await assertSettled()
    await faulty.client.create(pods, testPod('more', [{ name: 'a', size: small }]))
    await untilRight(faulty, 'more')
  })

  it('with room for some writes only, each is done whole or not at all', async () => {
    for (const freed of [4096, 8192, 16_384, 65_536, 262_144]) {
      fill(filler)
      truncateSync(filler, statSync(filler).size - freed)
      for (const size of [large, small, large, small]) await resize(size).catch(expectRefusal)
      rmSync(filler)
      await assertSettled()
    }
  })

  it('kill -9 on a full disk loses nothing', async () => {
    fill(filler)
    await resize(large).catch(expectRefusal)
    const { spec } = await getPod(faulty, 'only')
    await faulty.podfit.kill9()
    rmSync(filler)
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

describe('a database that is damaged', () => {
  let faulty: FaultyPodfit
  let old: Pod
  before(async () => {
    faulty = await FaultyPodfit.start()
    await faulty.client.create(pods, testPod('only', [{ name: 'a', size: small }]))
    old = await untilRight(faulty, 'only')
    await faulty.podfit.stop()
  })
  after(() => faulty[Symbol.asyncDispose]())

  for (const name of ['api.db', 'node.db']) {
    it(`${name} that is none: one line, and the pods run on`, async () => {
      await assertRefused(name, (file) => {
        truncateSync(file, 0)
        appendFileSync(
          file,
          'this is no database, but long enough to be taken for one\n'.repeat(99),
        )
      })
    })

    it(`${name} with a page of nonsense: one line, and the pods run on`, async () => {
      await assertRefused(name, (file) => {
        const { size } = statSync(file)
        for (let at = 4096; at < size; at += 4096) overwrite(file, at)
      })
    })
  }

  async function assertRefused(name: string, damage: (file: string) => void): Promise<void> {
    const file = join(faulty.podfit.dataDir, name)
    copyFileSync(file, `${file}.whole`)
    damage(file)
    const before = faulty.podfit.log.length
    await assert.rejects(faulty.start())
    const said = faulty.podfit.log.slice(before)
    assert.match(said, new RegExp(`^podfit up: Cannot (open|read) ${file}: .+$`, 'm'), said)
    assert.doesNotMatch(said, /^\s+at /m)
    copyFileSync(`${file}.whole`, file)
    rmSync(`${file}-wal`, { force: true })
    await faulty.start()
    const pod = await untilRight(faulty, 'only')
    assert.deepEqual(containerIds(pod), containerIds(old))
    assert.equal(restartsOf(pod, 'a'), 0)
    await faulty.podfit.stop()
  }
})

function overwrite(file: string, at: number): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(4096, 'nonsense'), 0, 4096, at)
  closeSync(descriptor)
}

/** Writes the file until nothing fits any more. */
function fill(file: string): void {
  const descriptor = openSync(file, 'a')
  try {
    for (const size of [1 << 20, 4096, 1]) {
      const chunk = Buffer.alloc(size)
      while (writes(descriptor, chunk));
    }
  } finally {
    closeSync(descriptor)
  }
}

function writes(descriptor: number, chunk: Buffer): boolean {
  try {
    return writeSync(descriptor, chunk) === chunk.length
  } catch {
    return false
  }
}

function expectRefusal(error: unknown): void {
  if (error instanceof KubeError && error.message.includes('disk is full')) return
  throw error
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}
