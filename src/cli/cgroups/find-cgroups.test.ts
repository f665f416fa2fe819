import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openCgroupTree } from '../../cgroup/open-cgroup-tree.ts'
import type { Pod } from '../../domain/pod.ts'
import { settledStatus, runningPod } from '../../../test/support/fake-pod-api.ts'
import type { ContainerPlace } from '../../cri/container/container-place.ts'
import { reportPod } from '../../operate/verify/pod-report.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { noRuntime, type RuntimePlaces } from './runtime-places.ts'

const size = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } }
const id = 'ab'.repeat(32)
const base = runningPod(size)
const uid = base.metadata.uid ?? ''
const slice = `pod${uid.replaceAll('-', '_')}.slice`
const { signal } = new AbortController()

function podWith(containerID: string, spec: Partial<Pod['spec']> = {}): Pod {
  return {
    ...base,
    spec: { ...base.spec, nodeName: hostname().toLowerCase(), ...spec },
    status: settledStatus(size, 1, { containerID }),
  }
}
const pod = podWith(`containerd://${id}`)

const v2 = { 'cpu.max': '20000 100000', 'cpu.weight': '4', 'memory.max': '67108864' }

type Files = Readonly<Record<string, string>>

/** A v2 tree with these files in each of the cgroups. */
function v2Tree(t: TestContext, cgroups: Readonly<Record<string, Files>>): string {
  const root = mkdtempSync(join(tmpdir(), 'podfit-'))
  t.after(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'cpu.stat'), 'usage_usec 7\n')
  for (const [path, files] of Object.entries(cgroups)) {
    mkdirSync(join(root, path), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, path, name, '..'), { recursive: true })
      writeFileSync(join(root, path, name), `${text}\n`)
    }
  }
  return root
}

/** The same files in each cgroup above `path`, but not in the root. */
function above(path: string, files: Files): Readonly<Record<string, Files>> {
  const parts = path.split('/')
  return Object.fromEntries(
    parts.slice(2).map((_, index) => [parts.slice(0, index + 2).join('/'), files]),
  )
}

async function lookAt(root: string, of = pod, runtime = noRuntime, sample: 'v1' | 'v2' = 'v2') {
  const look = await machineCgroups(() => openCgroupTree(root, { sample }), runtime).look(
    of,
    signal,
  )
  const report = reportPod(of, look)
  const codes = report.findings.map(({ code }) => code)
  return { look, report, codes, ways: [report.pod.foundBy, report.containers[0]?.foundBy] }
}

const kubelet = `/kubepods/burstable/pod${uid}`
const systemd = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-${slice}`
const kind = `/docker/${'c'.repeat(64)}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/kubelet-kubepods-burstable-${slice}`

const inAPod = `/kubepods/podabcdef01-0000/${'d'.repeat(64)}${kubelet}`

for (const [title, podPath, leaf, ways] of [
  ['a kubelet with cgroupfs', kubelet, id, ['name', 'name']],
  ['a kubelet with systemd', systemd, `cri-containerd-${id}.scope`, ['name', 'name']],
  ['CRI-O', systemd, `crio-${id}.scope`, ['name', 'name']],
  ['kind', kind, `cri-containerd-${id}.scope`, ['search', 'name']],
  ['a node that is a container of a pod', inAPod, id, ['search', 'name']],
  ['a cgroup root', `/podfit${kubelet}`, id, ['search', 'name']],
  ['cri-dockerd', systemd, `docker-${id}.scope`, ['name', 'search']],
] as const) {
  test(`cgroups are found under the names of ${title}`, async (t) => {
    const root = v2Tree(t, { ...above(podPath, {}), [podPath]: v2, [`${podPath}/${leaf}`]: v2 })
    const found = await lookAt(root)
    assert.deepEqual(found.ways, ways)
    assert.equal(found.report.containers[0]?.path, `${podPath}/${leaf}`)
    assert.ok(!found.codes.some((code) => code.startsWith('CG1') || code.startsWith('CG2')))
  })
}

function answering(place: ContainerPlace | undefined, problem?: string): RuntimePlaces {
  return { placeOf: () => Promise.resolve(place), problem: () => problem }
}

test("the runtime's own answer goes before every name, if this tree has the place", async (t) => {
  const elsewhere = '/strange/place'
  const root = v2Tree(t, { [kubelet]: v2, [`${kubelet}/${id}`]: v2, [elsewhere]: v2 })
  const told = await lookAt(root, pod, answering({ cgroup: elsewhere }))
  assert.deepEqual([told.report.containers[0]?.path, told.ways[1]], [elsewhere, 'runtime'])
  const notHere = await lookAt(root, pod, answering({ cgroup: '/of/another/root' }))
  assert.deepEqual(notHere.ways, ['name', 'name'])
  const silent = await lookAt(root, pod, answering(undefined, '/x.sock: nobody listens'))
  assert.deepEqual(silent.ways, ['name', 'name'])
  assert.ok(silent.codes.includes('CG307'))
})

test('a pod that no name leads to is around the container that the runtime knows', async (t) => {
  const root = v2Tree(t, { '/mine/of-a-pod/app': v2, '/mine/of-a-pod': v2 })
  const { ways, report, codes } = await lookAt(
    root,
    pod,
    answering({ cgroup: '/mine/of-a-pod/app' }),
  )
  assert.deepEqual([ways, report.pod.path], [['runtime', 'runtime'], '/mine/of-a-pod'])
  assert.deepEqual(codes, ['CG404'])
})

test('a file that cannot be read is named, and the others are compared all the same', async (t) => {
  const { 'memory.max': _, ...noMemory } = v2
  const files = { ...noMemory, 'cpu.max': '10000 100000' }
  const root = v2Tree(t, {
    '/kubepods': v2,
    '/kubepods/burstable': v2,
    [kubelet]: v2,
    [`${kubelet}/${id}`]: files,
  })
  const { codes, report } = await lookAt(root)
  assert.deepEqual(codes, ['CG303', 'CG101'])
  assert.match(report.findings[0]?.message ?? '', /memory\.max: the cgroup has no such file/)
})

test('a controller that is not mounted on v1 is named', async (t) => {
  const root = v2Tree(t, {
    [`cpu${kubelet}/${id}`]: {
      'cpu.shares': '102',
      'cpu.cfs_quota_us': '20000',
      'cpu.cfs_period_us': '100000',
    },
    [`cpu${kubelet}`]: {
      'cpu.shares': '102',
      'cpu.cfs_quota_us': '20000',
      'cpu.cfs_period_us': '100000',
    },
  })
  const { report } = await lookAt(root, pod, noRuntime, 'v1')
  const own = report.findings.filter(({ code }) => code === 'CG303').map(({ message }) => message)
  assert.ok(
    own.some((text) => text.includes(`${kubelet}/${id}`) && text.includes('memory controller')),
  )
  assert.ok(!report.findings.some(({ code }) => code.startsWith('CG1')))
})

test("what is wrong in crun's inner cgroup is drift, and no limit there is none", async (t) => {
  const leaf = `${systemd}/crio-${id}.scope`
  const inner = (files: Files) =>
    lookAt(
      v2Tree(t, { ...above(systemd, v2), [systemd]: v2, [leaf]: v2, [`${leaf}/container`]: files }),
    )
  assert.deepEqual((await inner(v2)).codes, [])
  assert.deepEqual((await inner({ ...v2, 'cpu.max': 'max 100000', 'memory.max': 'max' })).codes, [])
  const small = await inner({ ...v2, 'cpu.max': '5000 100000' })
  assert.deepEqual(small.codes, ['CG101'])
  assert.match(small.report.findings[0]?.message ?? '', /^container\/cpu\.max says 5000 100000/)
  assert.deepEqual((await inner({ ...v2, 'memory.max': '4096' })).codes, ['CG103'])
  // Without controllers of its own it limits nothing.
  assert.deepEqual((await inner({ 'cgroup.procs': '7' })).codes, [])
})

test('cgroups above the pod that are missing or cannot be read are named with their path', async (t) => {
  const leaf = { [`${kubelet}/${id}`]: v2, [kubelet]: v2 }
  const flat = `/kubepods/pod${uid}`
  const noClass = await lookAt(v2Tree(t, { '/kubepods': v2, [flat]: v2, [`${flat}/${id}`]: v2 }))
  assert.deepEqual(noClass.codes, ['CG404'])
  assert.match(noClass.report.findings[0]?.message ?? '', /no cgroup of the Burstable pods/)
  const bare = await lookAt(
    v2Tree(t, { '/kubepods': v2, '/kubepods/burstable': { 'cpu.weight': '4' }, ...leaf }),
  )
  assert.deepEqual(bare.codes, ['CG303', 'CG303'])
  assert.match(bare.report.findings[0]?.message ?? '', /^\/kubepods\/burstable: .*cpu\.max/)
})

test('containers of unknown and of virtual machine runtimes without a cgroup are warnings', async (t) => {
  const root = v2Tree(t, { '/kubepods': v2, '/kubepods/burstable': v2, [kubelet]: v2 })
  assert.deepEqual((await lookAt(root)).codes, ['CG302'])
  const foreign = await lookAt(root, podWith(`frakti://${id}`))
  assert.deepEqual([foreign.codes, foreign.report.verdict], [['CG306'], 'warnings'])
  assert.match(foreign.report.findings[0]?.message ?? '', /frakti, which podfit does not know/)
  const kata = await lookAt(root, podWith(`containerd://${id}`, { runtimeClassName: 'kata' }))
  assert.deepEqual(kata.codes, ['CG306'])
})

test('without any pod cgroup it falls back to the whole machine and says so', async (t) => {
  const { look, report } = await lookAt(v2Tree(t, { '/system.slice': v2 }))
  assert.ok(look.kind === 'unseen' && look.machine !== undefined)
  assert.equal(look.machine.cpuMicros, 7)
  assert.match(report.source, /^this machine has no pod's cgroup at all, only itself: \d+ CPUs, /)
  assert.equal(report.machine?.cpus, look.machine.cpus)
  const other = await lookAt(v2Tree(t, { '/kubepods/podabc-def': v2 }))
  assert.ok(other.look.kind === 'unseen' && other.look.machine === undefined)
})
