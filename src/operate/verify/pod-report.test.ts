import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CgroupReading } from '../../domain/cgroup/knobs.ts'
import type { Pod, PodCondition } from '../../domain/pod.ts'
import { bytes, cpuShares, cpuWeight, micros } from '../../domain/units.ts'
import { runningPod, settledStatus } from '../../../test/support/fake-pod-api.ts'
import type { CgroupLook, CgroupSight } from '../cgroups/cgroup-look.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { reportPod } from './pod-report.ts'

const mebi = 1024 * 1024
const resources = {
  requests: { cpu: '500m', memory: '64Mi' },
  limits: { cpu: '1', memory: '128Mi' },
}

/** What the files say when they are right, on cgroup v1, for 500m:1 and 128Mi. */
const right: CgroupReading = {
  cpu: { kind: 'shares', shares: cpuShares(512) },
  cpuQuota: micros(100_000),
  cpuPeriod: micros(100_000),
  memoryLimit: bytes(128 * mebi),
}

const podPath = '/kubepods/burstable/pod0c0ffee0-1234-4abc-8def-0123456789ab'

interface Readings {
  readonly pod?: Partial<CgroupReading>
  readonly app?: Partial<CgroupReading> | 'gone' | 'unreadable'
  readonly path?: string
}

function look({ pod = {}, app = {}, path = podPath }: Readings = {}): CgroupLook {
  const container: CgroupSight =
    app === 'gone'
      ? { kind: 'gone' }
      : app === 'unreadable'
        ? { kind: 'unreadable', path: `${path}/c1`, why: 'Cannot read cpu.shares: denied' }
        : { kind: 'read', path: `${path}/c1`, reading: { ...right, ...app } }
  return {
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: { kind: 'read', path, reading: { ...right, ...pod } },
    containers: { app: container },
  }
}

function withConditions(pod: Pod, ...conditions: readonly Partial<PodCondition>[]): Pod {
  const whole = conditions.map((condition): PodCondition => ({
    type: 'PodResizePending',
    status: 'True',
    observedGeneration: pod.metadata.generation ?? 1,
    ...condition,
  }))
  return { ...pod, status: { ...pod.status, conditions: whole } }
}

function codes(pod: Pod, seen: CgroupLook) {
  const { findings, verdict } = reportPod(pod, seen)
  return [verdict, ...findings.map(({ code }) => code)]
}

const pod = runningPod(resources)

test('reportPod() shows the five layers side by side', () => {
  const { containers, pod: podCgroup, verdict } = reportPod(pod, look())
  const [app] = containers
  const ok = { expected: ['100000'], found: '100000', ok: true }
  assert.equal(verdict, 'verified')
  assert.deepEqual(app?.values[1], {
    value: 'cpuLimit',
    desired: '1',
    status: '1',
    files: [{ value: 'cpuLimit', file: 'cpu.cfs_quota_us', ...ok }],
  })
  assert.deepEqual(app?.values[2], {
    value: 'memoryRequest',
    desired: '64Mi',
    allocated: '64Mi',
    status: '64Mi',
    files: [],
  })
  assert.equal(podCgroup.path, podPath)
  assert.deepEqual(podCgroup.values[3]?.files[0]?.expected, [`${128 * mebi}`])
})

test('reportPod() names each file that differs by its code', () => {
  const cases: [Readings, string][] = [
    [{ app: { cpuQuota: micros(40_000) } }, 'CG101'],
    [{ app: { cpuQuota: 'max' } }, 'CG101'],
    [{ app: { cpuPeriod: micros(50_000) } }, 'CG101'],
    [{ app: { cpu: { kind: 'shares', shares: cpuShares(2) } } }, 'CG102'],
    [{ app: { memoryLimit: bytes(64 * mebi) } }, 'CG103'],
    [{ pod: { cpuQuota: micros(50_000) } }, 'CG201'],
    [{ pod: { cpu: { kind: 'shares', shares: cpuShares(1024) } } }, 'CG202'],
    [{ pod: { memoryLimit: 'max' } }, 'CG203'],
    [{ app: 'gone' }, 'CG302'],
  ]
  for (const [readings, code] of cases) {
    assert.deepEqual(codes(pod, look(readings)), ['drift', code], JSON.stringify(readings))
  }
  const [finding] = reportPod(pod, look({ app: { cpuQuota: micros(40_000) } })).findings
  assert.equal(finding?.message, 'cpu.cfs_quota_us says 40000, it should say 100000')
})

test('reportPod() accepts what runtimes and drivers legally make of a size', () => {
  const weight = (value: number): Partial<CgroupReading> => ({
    cpu: { kind: 'weight', weight: cpuWeight(value) },
  })
  // 512 shares: linear 20, quadratic 59. Pods only have the linear one.
  assert.deepEqual(codes(pod, look({ app: weight(20), pod: weight(20) })), ['verified'])
  assert.deepEqual(codes(pod, look({ app: weight(59), pod: weight(20) })), ['verified'])
  assert.deepEqual(codes(pod, look({ app: weight(59), pod: weight(59) })), ['drift', 'CG202'])

  const odd = { requests: { cpu: '15m' }, limits: { cpu: '15m', memory: `${mebi * 32 + 100}` } }
  const reading = {
    cpu: { kind: 'shares', shares: cpuShares(15) } as const,
    // systemd rounds 1500 up to 10 ms of a second, pages are whole.
    cpuQuota: micros(2000),
    memoryLimit: bytes(mebi * 32),
  }
  const oddPod = runningPod(odd)
  const slice = '/kubepods.slice/kubepods-podx.slice'
  assert.deepEqual(codes(oddPod, look({ app: reading, pod: reading, path: slice })), ['verified'])
  assert.deepEqual(codes(oddPod, look({ app: reading, pod: reading })), ['drift', 'CG101', 'CG201'])
})

test('reportPod() cries no alarm over containers that do not run', () => {
  const status = settledStatus(resources, 1)
  const [app] = status.containerStatuses ?? []
  assert.ok(app)
  const waiting = {
    ...pod,
    status: {
      ...status,
      containerStatuses: [{ ...app, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  }
  assert.deepEqual(codes(waiting, look({ app: 'gone' })), ['notNow', 'RS107'])
  // The pod's own cgroup counts all the same: it is what kills the container again.
  const small = { memoryLimit: bytes(mebi) }
  assert.deepEqual(codes(waiting, look({ app: 'gone', pod: small })), ['drift', 'RS107', 'CG203'])
  const over = { ...app, state: { terminated: { exitCode: 0 } } }
  const done = { ...waiting, status: { ...status, containerStatuses: [over] } }
  assert.deepEqual(codes(done, look({ app: 'gone' })), ['notNow', 'RS107'])
  const once = { ...done, spec: { ...done.spec, restartPolicy: 'OnFailure' } }
  assert.deepEqual(codes(once, look({ app: 'gone' })), ['warnings', 'RS107'])
  const { status: _, ...unscheduled } = pod
  const nowhere: CgroupLook = { kind: 'unseen', why: 'the pod is not on a node yet' }
  assert.deepEqual(codes(unscheduled, nowhere), ['notNow', 'RS107'])
})

test('reportPod() holds a deferred or infeasible resize against what was granted before', () => {
  const large = { requests: { cpu: '3', memory: '64Mi' }, limits: { cpu: '4', memory: '128Mi' } }
  const asked = { ...runningPod(large), status: settledStatus(resources, 1) }
  const deferred = withConditions(asked, { reason: 'Deferred', message: 'no room' })
  assert.deepEqual(codes(deferred, look()), ['warnings', 'RS101'])
  // As Kubernetes tells it up to 1.32.
  const terse = { ...asked, status: { ...asked.status, resize: 'Deferred' } }
  assert.equal(reportPod(terse, look()).findings[0]?.message, 'the node has no room now')
  const infeasible = withConditions(asked, { reason: 'Infeasible', message: 'never' })
  assert.deepEqual(codes(infeasible, look()), ['drift', 'RS102'])
  const broken = look({ app: { cpuQuota: micros(1000) } })
  assert.deepEqual(codes(deferred, broken), ['drift', 'RS101', 'CG101'])
})

test('reportPod() does not judge files while a resize is under way', () => {
  const progress = { type: 'PodResizeInProgress' }
  const halfWay = look({ app: { cpuQuota: micros(1000) } })
  assert.deepEqual(codes(withConditions(pod, progress), halfWay), ['notNow', 'RS104'])
  const failed = withConditions(pod, { ...progress, reason: 'Error', message: 'EBUSY' })
  assert.deepEqual(codes(failed, halfWay), ['drift', 'RS103'])
  const unobserved = { ...pod, metadata: { ...pod.metadata, generation: 2 } }
  assert.deepEqual(codes(unobserved, halfWay), ['notNow', 'RS108'])
})

test('reportPod() tells a status that differs without a word about a resize', () => {
  const status = settledStatus(resources, 1)
  const [app] = status.containerStatuses ?? []
  assert.ok(app)
  const withStatus = (change: object): Pod => ({
    ...pod,
    status: { ...status, containerStatuses: [{ ...app, ...change }] },
  })
  const other = { ...resources, limits: { cpu: '400m', memory: '128Mi' } }
  const granted = { allocatedResources: { cpu: '250m', memory: '64Mi' } }
  assert.deepEqual(codes(withStatus({ resources: other }), look()), ['drift', 'RS106'])
  assert.deepEqual(codes(withStatus(granted), look()), ['drift', 'RS105'])
  // A status that follows a broken file is not a second finding.
  const broken = look({ app: { cpuQuota: micros(40_000) } })
  assert.deepEqual(codes(withStatus({ resources: other }), broken), ['drift', 'CG101'])
})

test('reportPod() holds the kernel to the desired size where the node reports none', () => {
  const { observedGeneration: _observed, ...status } = settledStatus(resources, 1)
  const containerStatuses = (status.containerStatuses ?? []).map(
    ({ resources: _resources, allocatedResources: _allocated, ...rest }) => rest,
  )
  const silent = { ...pod, status: { ...status, containerStatuses } }
  assert.deepEqual(codes(silent, look()), ['warnings', 'RS109'])
  const broken = look({ app: { cpuQuota: micros(40_000) } })
  assert.deepEqual(codes(silent, broken), ['drift', 'RS109', 'CG101'])
})

test('reportPod() says what it could not see', () => {
  assert.deepEqual(codes(pod, { kind: 'unseen', why: 'it runs on n2' }), ['warnings', 'CG301'])
  assert.deepEqual(codes(pod, look({ app: 'unreadable' })), ['warnings', 'CG303'])
})

test('reportPod() takes any CFS period with the right ratio', () => {
  const half = { cpuQuota: micros(50_000), cpuPeriod: micros(50_000) }
  assert.deepEqual(codes(pod, look({ app: half, pod: half })), ['verified'])
  const other = { cpuQuota: micros(50_000), cpuPeriod: micros(20_000) }
  assert.deepEqual(codes(pod, look({ app: other })), ['drift', 'CG101'])
})

test('reportPod() takes no quota where the kubelet makes none', () => {
  const none = look({ app: { cpuQuota: 'max' }, pod: { cpuQuota: 'max' } })
  const on = (kubelet: KubeletSight, of = pod) =>
    reportPod(of, none, { name: 'n', node: { allocatable: {} }, kubelet, pods: [] })
  assert.equal(on({ cpuCFSQuota: false }).verdict, 'verified')
  // Such a node goes on showing the CPU limit that the container has started with.
  const before = { ...resources, limits: { ...resources.limits, cpu: '250m' } }
  const shown = { ...pod, status: settledStatus(before, 1) }
  assert.equal(on({ cpuCFSQuota: false }, shown).verdict, 'verified')
  assert.deepEqual(codes(shown, none), ['warnings', 'CG104'])
  assert.deepEqual(codes(pod, none), ['warnings', 'CG104'])
  assert.deepEqual(
    on({ why: 'forbidden' }).findings.map(({ code }) => code),
    ['CG104'],
  )
  assert.deepEqual(
    on({}).findings.map(({ code }) => code),
    ['CG101', 'CG201'],
  )
  // Where only one of them has none, somebody took it away.
  assert.deepEqual(codes(pod, look({ app: { cpuQuota: 'max' } })), ['drift', 'CG101'])
})

test('reportPod() takes no quota for a container with CPUs of its own', () => {
  const whole = { cpu: '2', memory: '128Mi' }
  const guaranteed = runningPod({ requests: whole, limits: whole })
  const shares = {
    cpu: { kind: 'shares', shares: cpuShares(2048) } as const,
    cpuQuota: 'max',
  } as const
  const on = (cpus: number | undefined) => {
    const seen = look({ app: shares, pod: shares })
    if (seen.kind === 'unseen' || seen.containers['app']?.kind !== 'read') throw new Error('unseen')
    const app = { ...seen.containers['app'], ...(cpus !== undefined && { cpus }) }
    const node = { name: 'n', node: { allocatable: {} }, kubelet: {}, pods: [] }
    return reportPod(guaranteed, { ...seen, containers: { app } }, node)
  }
  const { verdict, containers } = on(2)
  assert.equal(verdict, 'verified')
  const [check] = containers[0]?.values[1]?.files ?? []
  assert.deepEqual([check?.found, check?.note], ['-1', 'the CPUs that it may run on limit it'])
  assert.equal(on(4).verdict, 'drift')
  assert.equal(on(undefined).verdict, 'drift')
})

test('reportPod() holds a pod whose own size waits to the one that was granted', () => {
  const own = { requests: { cpu: '500m' }, limits: { cpu: '1' } }
  const larger = { requests: { cpu: '900m' }, limits: { cpu: '2' } }
  const small = { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '64Mi' } }
  const container = runningPod(small)
  const waiting = {
    ...container,
    spec: { ...container.spec, resources: larger },
    status: { ...container.status, allocatedResources: own.requests, resources: own },
  }
  const app = { cpu: { kind: 'shares', shares: cpuShares(102) }, cpuQuota: micros(20_000) } as const
  const seen = look({
    app: { ...app, memoryLimit: bytes(64 * mebi) },
    pod: { memoryLimit: bytes(64 * mebi) },
  })
  const deferred = withConditions(waiting, { reason: 'Deferred' })
  assert.deepEqual(codes(deferred, seen), ['warnings', 'RS101'])
  assert.deepEqual(codes(waiting, seen), ['drift', 'CG202', 'CG201'])
})
