import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, test } from 'node:test'
import { pack } from 'tar-stream'
import { namesInArchive } from './archive-names.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-archives-'))
after(() => rmSync(directory, { recursive: true }))
const file = join(directory, 'archive.tar')

async function namesIn(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const archive = pack()
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text)
  archive.finalize()
  writeFileSync(file, await buffer(archive))
  return namesInArchive(file)
}

const oci = (index: unknown) => ({ 'oci-layout': '{}', 'index.json': JSON.stringify(index) })
const docker = (manifest: unknown) => ({ 'manifest.json': JSON.stringify(manifest) })

test('names of images are taken as they are written', async () => {
  const name = 'example.com/a:1'
  const annotations = { 'org.opencontainers.image.ref.name': name }
  assert.deepEqual(await namesIn(oci({ manifests: [{ annotations }] })), [name])
  assert.deepEqual(await namesIn(docker([{ RepoTags: [name, 'b:2'] }])), [name, 'b:2'])
})

const noArchive = 'it is neither an OCI nor a docker-save archive'
const noName = 'an image in it has no name: save it as NAME:TAG'

for (const [what, files, why] of [
  ['an index that is null', oci(null), noArchive],
  ['manifests that are no list', oci({ manifests: { a: 1 } }), noArchive],
  ['a manifest that is nothing', oci({ manifests: [null] }), noArchive],
  ['annotations that are null', oci({ manifests: [{ annotations: null }] }), noName],
  ['a manifest that is no list', docker({ RepoTags: ['a:1'] }), noArchive],
  ['tags that are numbers', docker([{ RepoTags: [1] }]), noName],
  ['tags that are no list', docker([{ RepoTags: 'a:1' }]), noName],
  ['an index that is no JSON', { ...oci({}), 'index.json': '{' }, 'its index is not JSON'],
] as const) {
  test(`${what}: one line`, async () => {
    const message = `Cannot load ${file}: ${why}`
    await assert.rejects(namesIn(files), { name: 'ContainerdError', message })
  })
}
