import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { ContainerdError } from '../../src/containerd/containerd-error.ts'
import { busyboxImage, pauseImage } from '../../src/containerd/image/base-images.ts'
import { ensureBaseImages } from '../../src/containerd/image/ensure-base-images.ts'
import { goArchitecture, imageArchive } from '../../src/containerd/image/image-archive.ts'
import { importImage } from '../../src/containerd/image/import-image.ts'
import { startPrivateContainerd, type PrivateContainerd } from './private-containerd.ts'
import { runContainer } from './test-pod.ts'

let runtime: PrivateContainerd
let files: string

before(async () => {
  runtime = await startPrivateContainerd()
  files = mkdtempSync(join(tmpdir(), 'podfit-archives-'))
})
after(async () => {
  await runtime.stop()
  rmSync(files, { recursive: true })
})

function archiveFile(name: string, data: Buffer): string {
  const file = join(files, name)
  writeFileSync(file, data)
  return file
}

async function tar(entries: Readonly<Record<string, string | Buffer>>): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of Object.entries(entries)) archive.entry({ name }, content)
  archive.finalize()
  return buffer(archive)
}

const hello = { kind: 'file', path: 'hello', mode: 0o644, content: Buffer.from('hi') } as const

test('pause and busybox are made once', async () => {
  const { cri, containerd } = runtime
  for (const name of [pauseImage, busyboxImage]) {
    assert.deepEqual((await cri.imageStatus(name))?.repoTags, [name])
  }
  assert.equal((await cri.imageStatus('busybox'))?.repoTags[0], busyboxImage)
  assert.deepEqual(await ensureBaseImages(containerd, containerd.programs.busybox), [])
})

test('what is missing is made again, and nothing else', async () => {
  const { cri, containerd } = runtime
  const pause = await cri.imageStatus(pauseImage)
  const before = await cri.imageStatus(busyboxImage)
  await cri.removeImage(busyboxImage)
  assert.deepEqual(await ensureBaseImages(containerd, containerd.programs.busybox), [busyboxImage])
  assert.equal((await cri.imageStatus(busyboxImage))?.id, before?.id)
  assert.equal((await cri.imageStatus(pauseImage))?.id, pause?.id)
})

test('busybox has the applets that tests and demos use', async () => {
  const { id } = await runContainer(runtime, 'applets')
  const names = ['sh', 'sleep', 'cat', 'ls', 'httpd', 'nc', 'dd', 'wget', 'env', 'top', 'vi', 'id']
  const script = `for name in ${names.join(' ')}; do command -v $name || exit 1; done`
  const { exitCode, stdout } = await runtime.cri.execSync(id, ['sh', '-c', script])
  assert.equal(exitCode, 0, Buffer.from(stdout).toString())
  const user = await runtime.cri.execSync(id, ['id', '-un'])
  assert.equal(Buffer.from(user.stdout).toString(), 'root\n')
})

test('an OCI archive is loaded, also gzipped and with a short name', async () => {
  const { cri, containerd } = runtime
  const full = await imageArchive([hello], [{ name: 'registry.example/full:2' }])
  const file = archiveFile('full.tar', full)
  assert.deepEqual(await importImage(containerd, file), ['registry.example/full:2'])
  assert.ok(await cri.imageStatus('registry.example/full:2'))

  const short = await imageArchive([hello], [{ name: 'short:1' }])
  const zipped = archiveFile('short.tar.gz', gzipSync(short))
  assert.deepEqual(await importImage(containerd, zipped), ['docker.io/library/short:1'])
  assert.ok(await cri.imageStatus('short:1'))
})

test('a docker-save archive is loaded', async () => {
  const { cri, containerd } = runtime
  const layer = await tar({ hello: 'hi' })
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(layer)))
  const config = {
    architecture: goArchitecture(process.arch),
    os: 'linux',
    config: { Cmd: ['/hello'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest.toString('hex')}`] },
  }
  const manifest = [{ Config: 'config.json', RepoTags: ['saved:3'], Layers: ['layer.tar'] }]
  const archive = await tar({
    'layer.tar': layer,
    'config.json': JSON.stringify(config),
    'manifest.json': JSON.stringify(manifest),
  })
  const file = archiveFile('saved.tar', archive)
  assert.deepEqual(await importImage(containerd, file), ['docker.io/library/saved:3'])
  assert.ok(await cri.imageStatus('saved:3'))
})

const bad: readonly (readonly [string, () => Promise<Buffer>, RegExp])[] = [
  ['text', async () => Buffer.from('not a tar'.repeat(100)), /tar|neither/i],
  ['other tar', () => tar({ readme: 'hi' }), /neither an OCI nor a docker-save archive/],
  ['no name', () => imageArchive([hello], [{ name: 'latest' }]), /has no name/],
  ['no JSON', () => tar({ 'manifest.json': '{' }), /its index is not JSON/],
  ['cut gzip', async () => gzipSync(await tar({ a: 'b' })).subarray(0, 30), /unexpected end/],
]

for (const [what, make, message] of bad) {
  test(`an archive that is none is told: ${what}`, async () => {
    const file = archiveFile(what, await make())
    await assert.rejects(importImage(runtime.containerd, file), (error) => {
      assert.ok(error instanceof ContainerdError)
      assert.equal(error.code, 'badArchive')
      assert.ok(error.message.startsWith(`Cannot load ${file}: `))
      assert.match(error.message, message)
      return true
    })
  })
}

test('a file that is not there is told', async () => {
  await assert.rejects(
    importImage(runtime.containerd, '/none.tar'),
    /Cannot load \/none.tar: ENOENT/,
  )
})

test('an archive with a broken blob is refused in the words of containerd', async () => {
  const archive = await imageArchive([hello], [{ name: 'broken:1', env: ['BROKEN=1'] }])
  const at = archive.indexOf('"diff_ids"')
  archive.write('"diff_xxx"', at)
  const file = archiveFile('broken.tar', archive)
  await assert.rejects(importImage(runtime.containerd, file), (error) => {
    assert.ok(error instanceof ContainerdError)
    assert.equal(error.code, 'importFailed')
    assert.match(error.message, /digest/)
    return true
  })
})
