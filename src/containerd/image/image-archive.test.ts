import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { extract } from 'tar-stream'
import { goArchitecture, imageArchive, type ArchiveEntry } from './image-archive.ts'

const layer: readonly ArchiveEntry[] = [
  { kind: 'directory', path: 'bin', mode: 0o755 },
  { kind: 'file', path: 'bin/a', mode: 0o755, content: Buffer.from('program') },
  { kind: 'link', path: 'bin/b', to: 'a' },
]
const sources = [
  { name: 'example.com/a:1', entrypoint: ['/bin/a'], architecture: 'arm64' },
  { name: 'example.com/b:1', command: ['/bin/b'], architecture: 'arm64' },
] as const

interface Descriptor {
  readonly digest: string
  readonly size: number
}
interface Index {
  readonly manifests: readonly (Descriptor & { readonly annotations: Record<string, string> })[]
}
interface Manifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

async function untar(data: Buffer) {
  const files = new Map<string, Buffer>()
  for await (const entry of Readable.from([data]).pipe(extract())) {
    files.set(entry.header.name, await buffer(entry))
  }
  return files
}

function json(files: ReadonlyMap<string, Buffer>, path: string): unknown {
  return JSON.parse(files.get(path)?.toString() ?? 'null')
}

function blobPath({ digest }: Descriptor): string {
  return `blobs/${digest.replace(':', '/')}`
}

test('the same source gives the same bytes', async () => {
  const twice = [await imageArchive(layer, sources), await imageArchive(layer, sources)]
  assert.deepEqual(twice[0], twice[1])
})

test('every descriptor has the size and the digest of its blob', async () => {
  const files = await untar(await imageArchive(layer, sources))
  const index = json(files, 'index.json') as Index
  const manifests = index.manifests.map((entry) => json(files, blobPath(entry)) as Manifest)
  const all = [
    ...index.manifests,
    ...manifests.flatMap(({ config, layers }) => [config, ...layers]),
  ]
  for (const descriptor of all) {
    const data = files.get(blobPath(descriptor))
    assert.ok(data)
    assert.equal(data.length, descriptor.size)
    assert.equal(`sha256:${createHash('sha256').update(data).digest('hex')}`, descriptor.digest)
  }
})

test('images share the layer and differ in name and config', async () => {
  const files = await untar(await imageArchive(layer, sources))
  const index = json(files, 'index.json') as Index
  assert.deepEqual(
    index.manifests.map(({ annotations }) => annotations['io.containerd.image.name']),
    ['example.com/a:1', 'example.com/b:1'],
  )
  const [a, b] = index.manifests.map((entry) => json(files, blobPath(entry)) as Manifest)
  assert.ok(a && b)
  assert.deepEqual(a.layers, b.layers)
  assert.deepEqual(json(files, blobPath(a.config)), {
    architecture: 'arm64',
    os: 'linux',
    config: { Env: [], Entrypoint: ['/bin/a'] },
    rootfs: { type: 'layers', diff_ids: [a.layers[0]?.digest] },
    history: [{ created_by: 'podfit' }],
  })
})

test('processors have the names of Go', () => {
  assert.deepEqual(['x64', 'arm64', 'riscv64'].map(goArchitecture), ['amd64', 'arm64', 'riscv64'])
})
