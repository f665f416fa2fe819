import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupName, cgroupPath, parentPath, withAncestors } from './cgroup-path.ts'

test('a path is absolute and stays below the mount', () => {
  assert.equal(cgroupPath('/a/b'), '/a/b')
  assert.equal(cgroupPath('/a/b/'), '/a/b')
  assert.equal(cgroupPath('/'), '')
  assert.equal(cgroupPath(''), '')
  for (const bad of ['a', 'a/b', '//', '/a//b', '/a/../b', '/./a', '/a\0b']) {
    assert.throws(() => cgroupPath(bad), RangeError, bad)
  }
})

test('parts of a path', () => {
  assert.deepEqual(withAncestors('/a/b/c'), ['/a', '/a/b', '/a/b/c'])
  assert.deepEqual(withAncestors('/'), [])
  assert.equal(cgroupName('/a/b'), 'b')
  assert.equal(parentPath('/a/b'), '/a')
  assert.equal(parentPath('/a'), '/')
})
