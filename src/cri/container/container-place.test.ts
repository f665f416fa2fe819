import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerPlace } from './container-place.ts'

const place = (value: unknown) => containerPlace({ info: JSON.stringify(value) })

test('containerPlace() reads where containerd and CRI-O have put a container', () => {
  const cgroupfs = { pid: 7, runtimeSpec: { linux: { cgroupsPath: '/kubepods/podx/c1' } } }
  assert.deepEqual(place(cgroupfs), { cgroup: '/kubepods/podx/c1', pid: 7 })
  const cgroupsPath = 'kubepods-burstable-podx.slice:cri-containerd:c1'
  const runtimeOptions = { BinaryName: '/usr/bin/crun' }
  assert.deepEqual(place({ runtimeSpec: { linux: { cgroupsPath } }, runtimeOptions }), {
    cgroup:
      '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podx.slice/cri-containerd-c1.scope',
    binary: '/usr/bin/crun',
  })
})

test('containerPlace() takes nothing from what it does not know', () => {
  for (const value of [
    null,
    7,
    'x',
    {},
    { pid: 'x', runtimeSpec: { linux: { cgroupsPath: 'a:b' } } },
  ]) {
    assert.deepEqual(place(value), {})
  }
  assert.deepEqual(place({ pid: 0, runtimeSpec: { linux: { cgroupsPath: 'a--b:c:d' } } }), {})
  assert.deepEqual(containerPlace({ info: '{' }), {})
  assert.deepEqual(containerPlace({}), {})
})
