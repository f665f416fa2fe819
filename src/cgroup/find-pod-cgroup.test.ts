import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isContainerCgroup, podUidIn } from './find-pod-cgroup.ts'

const uid = '0f5c1d7e-1111-2222-3333-444455556666'
const id = 'ab'.repeat(32)

test("a pod's directory, by both drivers and under any prefix", () => {
  assert.equal(podUidIn(`pod${uid}`), uid)
  const spelled = uid.replaceAll('-', '_')
  assert.equal(podUidIn(`kubepods-pod${spelled}.slice`), uid)
  assert.equal(podUidIn(`kubelet-kubepods-burstable-pod${spelled}.slice`), uid)
  assert.equal(podUidIn(`pod${uid}x`), undefined)
  assert.equal(podUidIn(`kubepods-pod${uid}.slice`), undefined)
  assert.equal(podUidIn(`kubepods-pod${spelled}.scope`), undefined)
})

test("a container's directory, by all runtimes", () => {
  for (const name of [id, `crio-${id}`, `crio-${id}.scope`, `cri-containerd-${id}.scope`]) {
    assert.ok(isContainerCgroup(name, id), name)
  }
  assert.ok(isContainerCgroup(`docker-${id}.scope`, id))
  assert.ok(!isContainerCgroup(`crio-conmon-${id}.scope`, id))
  assert.ok(!isContainerCgroup(`x${id}`, id))
  assert.ok(!isContainerCgroup('cd'.repeat(32), id))
})
