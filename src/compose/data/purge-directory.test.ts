import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { containerdPaths } from '../../containerd/containerd-paths.ts'
import { dataDirectory } from './data-directory.ts'
import { isDataDirectory, purgeDirectory } from './purge-directory.ts'

let path: string
beforeEach(() => void (path = mkdtempSync(join(tmpdir(), 'purge-'))))
afterEach(() => rmSync(path, { recursive: true, force: true }))

function write(file: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
}

test('everything that podfit keeps in its directory goes, and the directory', () => {
  const { cgroup: _, path: __, ...places } = dataDirectory(path)
  for (const place of Object.values(places)) write(place)
  for (const place of Object.values(containerdPaths(path))) write(place)
  for (const place of ['api.db-wal', 'node.db-shm', 'node.db.damaged-20260101T000000Z'])
    write(join(path, place))
  assert.equal(isDataDirectory(path), true)
  assert.equal(purgeDirectory(path), undefined)
  assert.equal(existsSync(path), false)
})

test('what is not of podfit stays, and is named', () => {
  for (const name of ['api.db', 'thesis.tex', 'photos/one.jpg']) write(join(path, name))
  assert.deepEqual(purgeDirectory(path)?.toSorted(), ['photos', 'thesis.tex'])
  assert.deepEqual(readdirSync(join(path, 'photos')), ['one.jpg'])
})

test('a directory of somebody else is known as such, also where names are alike', () => {
  for (const name of ['pods/a', 'logs/b', 'kubeconfig']) write(join(path, name))
  assert.equal(isDataDirectory(path), false)
})

test('an empty directory may be purged, one that is not there has nothing', () => {
  assert.equal(isDataDirectory(path), true)
  assert.equal(purgeDirectory(path), undefined)
  assert.equal(isDataDirectory(path), false)
  assert.equal(purgeDirectory(path), undefined)
})
