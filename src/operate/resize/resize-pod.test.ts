import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { createKubeClient } from '../../kube/client/client.ts'
import { kubePodClient } from '../../cli/cluster/kube-pod-client.ts'
import { parseSizeRequest } from '../../domain/resize/request/size-request.ts'
import { cpuShares, micros, bytes } from '../../domain/units.ts'
import type { Pod, PodStatus } from '../../domain/pod.ts'
import {
  FakePodApi,
  runningPod,
  settledStatus,
  type FakeFailure,
  type FakeVersion,
} from '../../../test/support/fake-pod-api.ts'
import { waitUntil } from '../../../test/support/wait-until.ts'
import type { CgroupLook, CgroupSight, CgroupSource } from '../cgroups/cgroup-look.ts'
import type { FollowState } from './follow/follow-state.ts'
import type { ResizeLayer } from './follow/layer-state.ts'
import type { KubeletSight } from '../cluster/kubelet-policies.ts'
import { prepareResize } from './prepare-resize.ts'
import { resizePod } from './resize-pod.ts'
import type { ResizeEnd } from './resize-end.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const large = { requests: { cpu: '500m', memory: '64Mi' }, limits: { cpu: '1', memory: '64Mi' } }
const ref = { namespace: 'default', name: 'web' }

const unseen: CgroupLook = { kind: 'unseen', why: 'the pod runs on node n1, not on this machine' }

/** What both cgroups hold, as shares and quota of `milliCpu`. */
function seen(request: number, limit: number, podLimit = limit): CgroupLook {
  const reading = (quota: number) => ({
    cpu: { kind: 'shares', shares: cpuShares(Math.floor((request * 1024) / 1000)) } as const,
    cpuQuota: micros(quota * 100),
    cpuPeriod: micros(100_000),
    memoryLimit: bytes(64 * 1024 * 1024),
  })
  return {
    kind: 'seen',
    source: 'a test',
    version: 'v1',
    pageSize: 4096,
    pod: { kind: 'read', path: '/kubepods/burstable/podx', reading: reading(podLimit) },
    containers: {
      app: { kind: 'read', path: '/kubepods/burstable/podx/c1', reading: reading(limit) },
    },
  }
}

function withoutQuotas(look: CgroupLook): CgroupLook {
  if (look.kind !== 'seen') return look
  const free = (sight: CgroupSight): CgroupSight =>
    sight.kind === 'read'
      ? { ...sight, reading: { ...sight.reading, cpuQuota: 'max' as const } }
      : sight
  const containers = Object.entries(look.containers).map(([name, one]) => [name, free(one)])
  return { ...look, pod: free(look.pod), containers: Object.fromEntries(containers) }
}

interface Scenario {
  readonly pod?: Pod
  readonly version?: FakeVersion
  readonly cpu?: string
  readonly timeoutMs?: number
  readonly graceMs?: number
  readonly signal?: AbortSignal
  readonly look?: CgroupLook
  readonly refusal?: FakeFailure
  readonly kubelet?: KubeletSight
  /** The node: called after the patch. `reached` waits until the follower has seen a layer. */
  readonly node: (
    api: FakePodApi,
    setLook: (look: CgroupLook) => void,
    reached: (layer: ResizeLayer) => Promise<unknown>,
  ) => Promise<void> | void
}

async function run(scenario: Scenario) {
  const { pod = runningPod(small), cpu = '500m:1', timeoutMs = 5000, graceMs = 100 } = scenario
  const api = new FakePodApi(pod, scenario.version)
  api.failNextPatch = scenario.refusal
  let look = scenario.look ?? seen(250, 500)
  const cgroups: CgroupSource = { look: async () => look }
  const parsed = parseSizeRequest(cpu, 'cpu')
  assert.equal(parsed.kind, 'parsed')
  const prepared = prepareResize(api.pod, {}, [parsed.wanted])
  assert.equal(prepared.kind, 'ready')

  const failed = Promise.withResolvers<never>()
  const states: FollowState[] = []
  const reached = (layer: ResizeLayer) =>
    waitUntil(`${layer} to be seen`, () => orderOf(states).includes(layer), Boolean, { everyMs: 1 })
  api.onPatched = () => {
    const acted = scenario.node(api, (next) => (look = next), reached)
    void Promise.resolve(acted).catch(failed.reject)
  }
  const clock = {
    now: () => performance.now(),
    sleep: (ms: number, signal: AbortSignal) =>
      setTimeout(ms, undefined, { signal }).catch(() => undefined),
  }
  const client = kubePodClient(createKubeClient({ fetch: api.fetch, server: 'http://api' }))
  const kubeletOf = async () => scenario.kubelet ?? {}
  const end = resizePod({ client, cgroups, clock, kubeletOf }, ref, prepared.resize, {
    timeoutMs,
    graceMs,
    signal: scenario.signal ?? new AbortController().signal,
    onState: (state) => states.push(state),
  })
  return { api, states, end: await Promise.race([end, failed.promise]) }
}

function outcomeOf(end: ResizeEnd) {
  return end.kind === 'followed' ? end.state.outcome : undefined
}

/** Layers in the order in which they were reached. */
function orderOf(states: readonly FollowState[]): readonly string[] {
  const order: string[] = []
  for (const { layers } of states) {
    for (const [name, { state }] of Object.entries(layers)) {
      if (state.kind === 'reached' && !order.includes(name)) order.push(name)
    }
  }
  return order
}

test('resizePod() waits for no CPU limit where the kubelet makes no quotas', async () => {
  const look = withoutQuotas(seen(500, 1000))
  const old = settledStatus({ ...large, limits: small.limits }, 2)
  const follow = async (kubelet: KubeletSight, first: CgroupLook, timeoutMs = 5000) => {
    const { end } = await run({
      kubelet,
      timeoutMs,
      look: first,
      node(api, setLook) {
        setLook(look)
        api.setStatus(old)
      },
    })
    return outcomeOf(end)?.kind
  }
  assert.equal(await follow({ cpuCFSQuota: false }, look), 'done')
  assert.equal(await follow({ why: 'forbidden' }, look), 'done', 'the cgroups showed it before')
  assert.equal(await follow({ why: 'forbidden' }, seen(250, 500), 300), 'timedOut')
  assert.equal(await follow({}, look, 300), 'timedOut')
})

test('resizePod() follows a resize through all layers, cgroups before the status', async () => {
  const { api, states, end } = await run({
    async node(api, setLook, reached) {
      await reached('desired')
      setLook(seen(500, 500, 1000))
      await reached('podCgroup')
      setLook(seen(500, 1000))
      await reached('containerCgroup')
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'done', unseen: [] })
  assert.deepEqual(orderOf(states), [
    'desired',
    'podCgroup',
    'containerCgroup',
    'allocated',
    'status',
  ])
  assert.deepEqual(api.patches, [
    {
      spec: {
        containers: [
          { name: 'app', resources: { requests: { cpu: '500m' }, limits: { cpu: '1' } } },
        ],
      },
    },
  ])
  assert.equal(api.watches, 0, 'the watch is closed in the end')
})

test('resizePod() opens the watch before it sends the patch', async () => {
  const { api } = await run({ node: (api) => api.setStatus(settledStatus(large, 2)), look: unseen })
  const watch = api.requests.findIndex((line) => line.includes('watch=true'))
  const patch = api.requests.findIndex((line) => line.startsWith('PATCH'))
  assert.ok(watch >= 0 && watch < patch, api.requests.join('\n'))
})

test('resizePod() does not take the silence right after the patch for success', async () => {
  const { end, states } = await run({
    look: unseen,
    async node(api) {
      // A status write of the old generation, as the node may send it at any time.
      api.setStatus(settledStatus(small, 1))
      await setTimeout(30)
      api.setStatus(settledStatus(large, 2))
    },
  })
  const outcome = outcomeOf(end)
  assert.deepEqual(outcome, { kind: 'done', unseen: [unseen.kind === 'unseen' ? unseen.why : ''] })
  const last = states.at(-1)
  assert.ok((last?.layers.status.afterMs ?? 0) >= 25)
})

test('resizePod() tells a deferred resize at once and ends with it when the time is up', async () => {
  const message =
    "Node didn't have enough resource: cpu, requested: 500, used: 3900, capacity: 4000"
  const { end, states } = await run({
    timeoutMs: 1000,
    node(api) {
      api.setStatus({
        ...settledStatus(small, 2),
        conditions: [
          {
            type: 'PodResizePending',
            status: 'True',
            reason: 'Deferred',
            message,
            observedGeneration: 2,
          },
        ],
      })
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'deferred', message })
  assert.ok(states.some(({ resize, outcome }) => resize.kind === 'deferred' && !outcome))
})

test('resizePod() goes on when a deferred resize is granted later', async () => {
  const { end } = await run({
    async node(api, setLook) {
      api.setStatus({
        ...settledStatus(small, 2),
        conditions: [
          { type: 'PodResizePending', status: 'True', reason: 'Deferred', observedGeneration: 2 },
        ],
      })
      await setTimeout(30)
      setLook(seen(500, 1000))
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.equal(outcomeOf(end)?.kind, 'done')
})

test('resizePod() ends at once when the resize is infeasible', async () => {
  const began = performance.now()
  const { end } = await run({
    timeoutMs: 60_000,
    node(api) {
      api.setStatus({
        ...settledStatus(small, 2),
        conditions: [
          {
            type: 'PodResizePending',
            status: 'True',
            reason: 'Infeasible',
            message: 'never',
            observedGeneration: 2,
          },
        ],
      })
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'infeasible', message: 'never' })
  assert.ok(performance.now() - began < 30_000)
})

test('resizePod() ignores a pending condition of an earlier request', async () => {
  const stale = {
    type: 'PodResizePending',
    status: 'True',
    reason: 'Infeasible',
    message: 'of an older size',
    observedGeneration: 1,
  }
  const pod = runningPod(small)
  const { end } = await run({
    pod: { ...pod, status: { ...pod.status, conditions: [stale] } },
    async node(api, setLook) {
      await setTimeout(20)
      setLook(seen(500, 1000))
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.equal(outcomeOf(end)?.kind, 'done')
})

test('resizePod() waits on after an error, and ends with the runtime’s text', async () => {
  const error = {
    type: 'PodResizeInProgress',
    status: 'True',
    reason: 'Error',
    message: 'rpc error: code = Unknown desc = broken',
    observedGeneration: 2,
  }
  const failing = await run({
    timeoutMs: 500,
    node: (api) => api.setStatus({ ...settledStatus(small, 2), conditions: [error] }),
  })
  assert.deepEqual(outcomeOf(failing.end), { kind: 'failing', message: error.message })

  const recovering = await run({
    async node(api, setLook) {
      api.setStatus({ ...settledStatus(small, 2), conditions: [error] })
      await setTimeout(20)
      setLook(seen(500, 1000))
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.equal(outcomeOf(recovering.end)?.kind, 'done')
})

test('resizePod() calls it drift when the status says done and a file does not follow', async () => {
  const { end, states } = await run({
    graceMs: 40,
    node(api, setLook) {
      setLook(seen(500, 1000, 500))
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'drift' })
  const { state } = states.at(-1)?.layers.podCgroup ?? {}
  assert.equal(state?.kind === 'waiting' && state.why, 'cpu.cfs_quota_us says 50000')
})

test('resizePod() of a pod without a node is done with the request, and calls nothing granted', async () => {
  const pod = runningPod(small)
  const { nodeName: _, ...spec } = pod.spec
  const look: CgroupLook = { kind: 'unseen', why: 'the pod is not on a node yet' }
  const waiting = { ...pod, spec, status: { phase: 'Pending' } }
  const { end } = await run({ pod: waiting, look, node: () => {} })
  assert.equal(end.kind, 'followed')
  if (end.kind !== 'followed') return
  assert.deepEqual(end.state.outcome, { kind: 'done', unseen: [look.why] })
  const { desired, allocated, status } = end.state.layers
  const kinds = [desired, allocated, status].map(({ state }) => state.kind)
  assert.deepEqual(kinds, ['reached', 'notNow', 'notNow'])
})

test('resizePod() times out where nobody acts', async () => {
  const { end } = await run({ timeoutMs: 500, node: () => {} })
  assert.deepEqual(outcomeOf(end), {
    kind: 'timedOut',
    waitingFor: 'allocated',
    why: 'the node has not looked at it',
  })
})

test('resizePod() takes the silence of a node that reports no sizes for no success', async () => {
  const silent = ({ observedGeneration: _observed, ...status }: PodStatus) => ({
    ...status,
    containerStatuses: (status.containerStatuses ?? []).map(
      ({ resources: _resources, allocatedResources: _allocated, ...rest }) => rest,
    ),
  })
  const pod = { ...runningPod(small), status: silent(settledStatus(small, 1)) }
  const { end } = await run({ pod, timeoutMs: 500, look: unseen, node: () => {} })
  const why = 'the node reports no sizes of containers'
  assert.deepEqual(outcomeOf(end), { kind: 'timedOut', waitingFor: 'status', why })
})

test('resizePod() goes on with another watch when the first one breaks', async () => {
  const { end, api } = await run({
    look: unseen,
    async node(api) {
      await setTimeout(10)
      api.cutWatches()
      // Written while nobody watches: the next watch has to show it.
      api.setStatus(settledStatus(large, 2))
    },
  })
  assert.equal(outcomeOf(end)?.kind, 'done')
  assert.equal(api.requests.filter((line) => line.includes('watch=true')).length, 2)
})

test('resizePod() waits for the new container where the policy restarts it', async () => {
  const pod = runningPod(small, {
    resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
  })
  const { end, states } = await run({
    pod,
    look: unseen,
    async node(api) {
      const restarting = settledStatus(large, 2)
      const [status] = restarting.containerStatuses ?? []
      assert.ok(status)
      // While it restarts the status shows what was granted: that is not the end.
      api.setStatus({
        ...restarting,
        containerStatuses: [{ ...status, state: { terminated: { exitCode: 143 } } }],
      })
      await setTimeout(20)
      api.setStatus(settledStatus(large, 2, { restartCount: 1, containerID: 'containerd://c2' }))
    },
  })
  assert.equal(outcomeOf(end)?.kind, 'done')
  assert.ok((states.at(-1)?.layers.status.afterMs ?? 0) >= 15)
})

test('resizePod() gives back the refusal of the API server, in its own words', async () => {
  const refusal = {
    code: 422,
    reason: 'Invalid',
    message: 'Pod "web" is invalid: spec: Forbidden: only cpu and memory resources are mutable',
    causes: [{ field: 'spec', reason: 'FieldValueForbidden' }],
  }
  const { end, states } = await run({ refusal, node: () => assert.fail('nothing was patched') })
  assert.deepEqual(end, { kind: 'refused', refusal })
  assert.equal(states.at(-1)?.layers.desired.state.kind, 'waiting')
})

test('resizePod() patches the pod itself where there is no resize subresource', async () => {
  const { end, api } = await run({
    version: { hasResize: false, hasGeneration: false },
    look: unseen,
    pod: { ...runningPod(small), metadata: { name: 'web', namespace: 'default', uid: 'u1' } },
    async node(api) {
      const { observedGeneration: _, ...old } = settledStatus(small, 1)
      api.setStatus({ ...old, resize: 'Proposed' })
      await setTimeout(10)
      api.setStatus({ ...old, resize: 'InProgress' })
      await setTimeout(10)
      const { observedGeneration: __, ...done } = settledStatus(large, 1)
      api.setStatus({ ...done, resize: '' })
    },
  })
  assert.equal(outcomeOf(end)?.kind, 'done')
  assert.deepEqual(
    api.requests.filter((line) => line.startsWith('PATCH')).map((line) => line.split('?')[0]),
    [
      'PATCH /api/v1/namespaces/default/pods/web/resize',
      'PATCH /api/v1/namespaces/default/pods/web',
    ],
  )
})

test('resizePod() asks discovery whether a forbidden pods/resize is there at all', async () => {
  const look = unseen
  const node = (api: FakePodApi) => api.setStatus(settledStatus(large, 2))
  const old = await run({ version: { forbidsResize: true, hasResize: false }, look, node })
  assert.equal(outcomeOf(old.end)?.kind, 'done')
  assert.equal(old.api.patches.length, 1)
  const forbidden = await run({ version: { forbidsResize: true }, look, node })
  assert.equal(forbidden.end.kind === 'refused' && forbidden.end.refusal.code, 403)
  assert.equal(forbidden.api.patches.length, 0)
})

test('resizePod() says when somebody else changes the size, or deletes the pod', async () => {
  const changed = await run({
    look: unseen,
    node(api) {
      const { metadata } = api.pod
      const next = runningPod(small)
      api.set({ ...next, metadata: { ...metadata, generation: 3 } })
    },
  })
  assert.deepEqual(outcomeOf(changed.end), { kind: 'superseded' })
  const deleted = await run({ look: unseen, node: (api) => api.delete() })
  assert.deepEqual(outcomeOf(deleted.end), { kind: 'gone' })
})

test('resizePod() sees another size come where the server counts no generations', async () => {
  const { generation: _, ...metadata } = runningPod(small).metadata
  const { observedGeneration: __, ...status } = settledStatus(small, 1)
  const pod = { ...runningPod(small), metadata, status }
  const { end } = await run({
    version: { hasGeneration: false },
    pod,
    look: unseen,
    async node(api) {
      // A word of the node about the size before is nobody else's size.
      api.setStatus({ ...status, resize: 'Proposed' })
      await setTimeout(10)
      api.set({ ...api.pod, spec: pod.spec })
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'superseded' })
})

test('resizePod() stops when its signal aborts', async () => {
  const controller = new AbortController()
  await assert.rejects(
    run({ signal: controller.signal, node: () => controller.abort(new Error('stop')) }),
    /stop/,
  )
})

test('resizePod() takes no old Infeasible for the answer where generations are not observed', async () => {
  const infeasible = {
    type: 'PodResizePending',
    status: 'True',
    reason: 'Infeasible',
    message: 'about an earlier request',
    lastTransitionTime: '2026-01-31T12:00:00Z',
  }
  const unobserved = ({ observedGeneration: _observed, ...status }: PodStatus) => status
  const pod = runningPod(small)
  const { end } = await run({
    pod: { ...pod, status: { ...unobserved(settledStatus(small, 1)), conditions: [infeasible] } },
    graceMs: 5000,
    async node(api, setLook) {
      await setTimeout(20)
      setLook(seen(500, 1000))
      api.setStatus(unobserved(settledStatus(large, 2)))
    },
  })
  assert.deepEqual(outcomeOf(end), { kind: 'done', unseen: [] })
})
