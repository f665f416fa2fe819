import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { prepareHostPath } from './host-path.ts'
import { VolumeError } from './volume-error.ts'

const directory = mkdtempSync(join(tmpdir(), 'podfit-host-path-'))
after(() => rmSync(directory, { recursive: true }))

test('what a type asks for is made, with what is above it, and taken as it is the second time', async () => {
  const path = join(directory, 'some/where')
  const file = join(directory, 'else/where/file')
  for (let time = 0; time < 2; time += 1) {
    await prepareHostPath('v', { path, type: 'DirectoryOrCreate' })
    await prepareHostPath('v', { path: file, type: 'FileOrCreate' })
  }
  assert.ok(statSync(path).isDirectory())
  assert.ok(statSync(file).isFile())
})

test('what is there already must be of the type', async () => {
  const path = join(directory, 'taken')
  writeFileSync(path, '')
  await assert.rejects(
    prepareHostPath('v', { path, type: 'DirectoryOrCreate' }),
    new VolumeError(
      `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} is not a DirectoryOrCreate`,
    ),
  )
})

for (const type of ['DirectoryOrCreate', 'FileOrCreate']) {
  test(`a place where nothing can be made ends a ${type} at once, with its name`, async () => {
    await assert.rejects(
      prepareHostPath('v', { path: '/proc/podfit/there', type }),
      new VolumeError(
        `MountVolume.SetUp failed for volume "v" : ENOENT: no such file or directory, mkdir '/proc/podfit'`,
      ),
    )
  })
}
