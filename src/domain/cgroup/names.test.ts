import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { QosClass } from '../resources/qos.ts'
import {
  containerCgroupPath,
  criCgroupParent,
  expandSlice,
  podCgroupPath,
  qosCgroupName,
  qosCgroupPath,
} from './names.ts'

const uid = '1f0a-22'
const escaped = '1f0a_22'

/** Root, class, path of the class, path of a pod in it; with each driver. */
const paths: readonly (readonly [string, QosClass, string, string, string, string])[] = [
  [
    '/',
    'Guaranteed',
    '/kubepods',
    `/kubepods/pod${uid}`,
    '/kubepods.slice',
    `/kubepods.slice/kubepods-pod${escaped}.slice`,
  ],
  [
    '/',
    'Burstable',
    '/kubepods/burstable',
    `/kubepods/burstable/pod${uid}`,
    '/kubepods.slice/kubepods-burstable.slice',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${escaped}.slice`,
  ],
  [
    '/',
    'BestEffort',
    '/kubepods/besteffort',
    `/kubepods/besteffort/pod${uid}`,
    '/kubepods.slice/kubepods-besteffort.slice',
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${escaped}.slice`,
  ],
  [
    '/kubelet',
    'Burstable',
    '/kubelet/kubepods/burstable',
    `/kubelet/kubepods/burstable/pod${uid}`,
    '/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice',
    '/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice' +
      `/kubelet-kubepods-burstable-pod${escaped}.slice`,
  ],
  [
    '/podfit-0a/x/',
    'Guaranteed',
    '/podfit-0a/x/kubepods',
    `/podfit-0a/x/kubepods/pod${uid}`,
    '/podfit_0a.slice/podfit_0a-x.slice/podfit_0a-x-kubepods.slice',
    '/podfit_0a.slice/podfit_0a-x.slice/podfit_0a-x-kubepods.slice' +
      `/podfit_0a-x-kubepods-pod${escaped}.slice`,
  ],
]

describe('paths', () => {
  for (const [root, qos, ofClass, ofPod, sliceOfClass, sliceOfPod] of paths) {
    test(`${qos} below ${root}`, () => {
      assert.equal(qosCgroupPath(root, qos, 'cgroupfs'), ofClass)
      assert.equal(podCgroupPath(root, qos, uid, 'cgroupfs'), ofPod)
      assert.equal(qosCgroupPath(root, qos, 'systemd'), sliceOfClass)
      assert.equal(podCgroupPath(root, qos, uid, 'systemd'), sliceOfPod)
    })
  }
})

test('each runtime has its own name for a container', () => {
  assert.equal(containerCgroupPath('/p', 'abc', 'cgroupfs'), '/p/abc')
  assert.equal(containerCgroupPath('/p', 'abc', 'cgroupfs', 'cri-o'), '/p/crio-abc')
  assert.equal(
    containerCgroupPath('/p.slice', 'abc', 'systemd'),
    '/p.slice/cri-containerd-abc.scope',
  )
  assert.equal(
    containerCgroupPath('/p.slice', 'abc', 'systemd', 'cri-o'),
    '/p.slice/crio-abc.scope',
  )
})

test('a slice lies in the slices that its name begins with', () => {
  assert.equal(expandSlice('a.slice'), 'a.slice')
  assert.equal(expandSlice('a-b-c.slice'), 'a.slice/a-b.slice/a-b-c.slice')
  for (const wrong of ['a', 'a.scope', '-a.slice', 'a-.slice', 'a--b.slice', 'a/b.slice', '']) {
    assert.throws(() => expandSlice(wrong), RangeError, wrong)
  }
})

test('the parent that a runtime is told fits the driver', () => {
  assert.equal(criCgroupParent('/kubepods/pod1', 'cgroupfs'), '/kubepods/pod1')
  assert.equal(criCgroupParent('/k.slice/k-pod1.slice', 'systemd'), '/k.slice/k-pod1.slice')
  assert.throws(() => criCgroupParent('/kubepods/pod1', 'systemd'), RangeError)
  assert.throws(() => criCgroupParent('/k.slice', 'cgroupfs'), RangeError)
})

for (const [path, qos] of [
  ['/podfit/kubepods', 'Guaranteed'],
  ['/kubepods/burstable', 'Burstable'],
  ['/kubepods/besteffort', 'BestEffort'],
  ['/kubepods.slice', 'Guaranteed'],
  ['/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice', 'BestEffort'],
  ['/kubepods.slice/kubepods-burstable.slice', 'Burstable'],
  ['/kubepods/podx', undefined],
  ['/burstable', undefined],
  ['/', undefined],
] as const) {
  test(`qosCgroupName(${path}) is ${qos}`, () => assert.equal(qosCgroupName(path), qos))
}
