import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { VolumeFiles } from '../../domain/lifecycle/volume-files.ts'
import { writeAtomically } from './atomic-files.ts'
import { resolveInside } from './sub-path.ts'
import { VolumeError } from './volume-error.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'podfit-volume-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function files(texts: Readonly<Record<string, string>>, mode = 0o644): VolumeFiles {
  return new Map(
    Object.entries(texts).map(([path, text]) => [path, { data: Buffer.from(text), mode }]),
  )
}

const names = (): string[] => readdirSync(directory).filter((name) => !name.startsWith('..'))

describe('writeAtomically', () => {
  test('readers see links through ..data', async () => {
    await writeAtomically(directory, files({ a: '1', 'd/e': '2' }, 0o640), undefined)
    assert.equal(readFileSync(join(directory, 'a'), 'utf8'), '1')
    assert.equal(readFileSync(join(directory, 'd/e'), 'utf8'), '2')
    assert.equal(readlinkSync(join(directory, 'a')), '..data/a')
    assert.equal(statSync(join(directory, 'd/e')).mode & 0o777, 0o640)
  })

  test('the next version replaces all, and nothing of the old one stays', async () => {
    await writeAtomically(directory, files({ a: '1', b: '2', 'd/e': '3' }), undefined)
    const before = readlinkSync(join(directory, '..data'))
    await writeAtomically(directory, files({ a: '9', 'd/f': '4' }), undefined)
    assert.notEqual(readlinkSync(join(directory, '..data')), before)
    assert.deepEqual(names(), ['a', 'd'])
    assert.deepEqual(readdirSync(join(directory, 'd')), ['f'])
    assert.equal(readFileSync(join(directory, 'a'), 'utf8'), '9')
    assert.equal(readdirSync(directory).filter((name) => name.startsWith('..2')).length, 1)
  })

  test('a link that leads out of the volume has nothing removed there', async () => {
    const outside = join(directory, 'outside')
    const volume = join(directory, 'volume')
    mkdirSync(outside)
    await writeAtomically(volume, files({ a: '1' }), undefined)
    rmSync(join(volume, '..data'))
    symlinkSync('../outside', join(volume, '..data'))
    await writeAtomically(volume, files({ a: '2' }), undefined)
    assert.deepEqual(readdirSync(outside), [])
    assert.equal(readFileSync(join(volume, 'a'), 'utf8'), '2')
  })

  for (const path of ['../a', 'd/../../a', '/etc/a', '..data', '..', '']) {
    test(`no file is written at "${path}"`, async () => {
      const volume = join(directory, 'volume')
      await assert.rejects(writeAtomically(volume, files({ [path]: '1' }), undefined), VolumeError)
      assert.deepEqual(readdirSync(directory), [])
    })
  }

  test('an empty volume is empty', async () => {
    await writeAtomically(directory, files({ a: '1' }), undefined)
    await writeAtomically(directory, files({}), undefined)
    assert.deepEqual(names(), [])
  })
})

describe('resolveInside', () => {
  test('paths and links inside, also to what is not there yet', async () => {
    mkdirSync(join(directory, 'x'))
    writeFileSync(join(directory, 'x/f'), '')
    symlinkSync('x', join(directory, 'link'))
    assert.equal(await resolveInside(directory, 'x/f'), 'x/f')
    assert.equal(await resolveInside(directory, 'link/f'), 'x/f')
    assert.equal(await resolveInside(directory, 'link/new/deep'), 'x/new/deep')
    assert.equal(await resolveInside(directory, './x//'), 'x')
  })

  for (const path of ['..', '../x', 'x/../../y', '/etc', 'out', 'out/passwd', 'up/y']) {
    test(`${path} is not within the volume`, async () => {
      symlinkSync('/etc', join(directory, 'out'))
      symlinkSync('..', join(directory, 'up'))
      await assert.rejects(resolveInside(directory, path), /is not within its volume/)
    })
  }
})
