import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { after, before, describe, test } from 'node:test'
import { kubeClusterFacts } from '../../src/cli/kube-cluster-facts.ts'
import { kubePodClient } from '../../src/cli/kube-pod-client.ts'
import { createKubeClient } from '../../src/kube/client.ts'
import { connect, type Connection } from '../../src/kube/connect.ts'
import type { Container, Pod } from '../../src/domain/pod.ts'
import { resizeState } from '../../src/domain/resize/state.ts'
import type { PodClient, ResizePatch } from '../../src/operate/pod-client.ts'
import { planResizeOf, type PlanPorts } from '../../src/operate/plan-resize.ts'
import { prepareSize } from '../../src/operate/prepare-resize.ts'
import { createKubectl } from '../support/kubectl.ts'
import { startPodfit, type PodfitProcess } from '../support/podfit-process.ts'
import { slow, waitUntil } from '../support/wait-until.ts'

const seed = Number(process.env['PODFIT_SEED'] ?? 20260131)
const resizes = Number(process.env['PODFIT_RESIZES'] ?? 200)

/** mulberry32: small, and the same everywhere. */
function randomFrom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

let random = randomFrom(seed)
const oneOf = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T

/** Pods of every class; one whose memory change restarts it. */
const shapes: readonly Partial<Container>[] = [
  {
    resources: {
      requests: { cpu: '100m', memory: '32Mi' },
      limits: { cpu: '100m', memory: '32Mi' },
    },
  },
  {
    resources: {
      requests: { cpu: '100m', memory: '32Mi' },
      limits: { cpu: '200m', memory: '64Mi' },
    },
  },
  { resources: { requests: { cpu: '50m', memory: '16Mi' } } },
  { resources: { requests: { cpu: '50m' }, limits: { memory: '64Mi' } } },
  { resources: {} },
  {
    resources: {
      requests: { cpu: '50m', memory: '32Mi' },
      limits: { cpu: '400m', memory: '64Mi' },
    },
    resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }],
  },
]

function podOf(name: string, shape: Partial<Container>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1000000'], ...shape }],
    },
  }
}

type Verdict = 'accepted' | 'deferred' | 'infeasible' | 'rejected'
const verdicts: readonly Verdict[] = ['accepted', 'deferred', 'infeasible', 'rejected']

/** A random size, now and then one that no rule lets pass. */
function randomSize(pod: Pod, nodeMilli: number): NonNullable<Container['resources']> {
  const { requests = {}, limits = {} } = pod.spec.containers[0]?.resources ?? {}
  const milli = () =>
    `${oneOf([10, 50, 100, 300, 700, nodeMilli / 2, nodeMilli - 100, nodeMilli, nodeMilli + 1])}m`
  const memory = () => `${oneOf([16, 32, 48, 64, 128, 256, 1_000_000])}Mi`
  const keep = random() < 0.9
  const side = (list: object): object =>
    Object.fromEntries(
      Object.entries({ cpu: milli, memory })
        .filter(([key]) => (keep ? key in list : random() < 0.5))
        .map(([key, value]) => [
          key,
          random() < 0.6 ? value() : ((list as Record<string, string>)[key] ?? value()),
        ]),
    )
  const wanted = { requests: side(requests), limits: side(limits) } as Record<
    string,
    Record<string, string>
  >
  // Guaranteed pods mostly stay so, else nearly everything would be rejected.
  const same = JSON.stringify(requests) === JSON.stringify(limits) && random() < 0.8
  return same ? { requests: wanted['limits'] ?? {}, limits: wanted['limits'] ?? {} } : wanted
}

for (const version of ['1.36', '1.33'] as const) {
  describe(`podfit plan against what happens, Kubernetes ${version}, seed ${seed}`, () => {
    let podfit: PodfitProcess
    let connection: Connection
    let client: PodClient
    let ports: PlanPorts
    const { signal } = new AbortController()
    const names = Array.from({ length: 9 }, (_, index) => `pod-${index}`)

    before(async () => {
      random = randomFrom(seed)
      podfit = await startPodfit({ args: ['--kube-version', version] })
      const kubectl = createKubectl(podfit.kubeconfig)
      const items = names.map((name, index) => podOf(name, shapes[index % shapes.length] ?? {}))
      await kubectl.apply({ apiVersion: 'v1', kind: 'List', items })
      connection = await connect({ file: podfit.kubeconfig, env: {} })
      const kube = createKubeClient({ fetch: connection.fetch, server: connection.server })
      client = kubePodClient(kube)
      const look = () => ({ kind: 'unseen', why: 'not asked' }) as const
      ports = { client, facts: kubeClusterFacts(kube), cgroups: { look } }
      await waitUntil(
        'all pods to run',
        () => client.list({ namespace: 'default' }, signal),
        (pods) =>
          pods.length === names.length &&
          pods.every(({ status }) => status?.containerStatuses?.[0]?.state?.running),
        { withinMs: 60_000 },
      )
    })
    after(async () => {
      connection?.[Symbol.dispose]()
      await podfit?.[Symbol.asyncDispose]()
    })

    async function read(name: string): Promise<Pod> {
      const answer = await client.read({ namespace: 'default', name }, signal)
      assert.equal(answer.kind, 'pod')
      return answer.pod
    }

    /** Waits until the node has judged and carried out what is asked of it. */
    async function judged(name: string): Promise<Verdict> {
      const pod = await waitUntil(
        `${name} to be judged`,
        () => read(name),
        (pod) => ['settled', 'deferred', 'infeasible'].includes(resizeState(pod).kind) && isUp(pod),
        { withinMs: slow(20_000) },
      )
      const { kind } = resizeState(pod)
      return kind === 'settled' ? 'accepted' : (kind as Verdict)
    }

    const isUp = ({ status }: Pod) => status?.containerStatuses?.[0]?.state?.running !== undefined

    async function happens(name: string, patch: ResizePatch): Promise<Verdict> {
      const how = { subresource: 'resize', dryRun: false } as const
      const answer = await client.patch({ namespace: 'default', name }, patch, how, signal)
      // A server since 1.36 refuses at once what its node could never grant.
      if (answer.kind === 'refused') return 'rejected'
      // 1.33 does not say which request a condition is about: an old one may still be there.
      if (version === '1.33') await setTimeout(slow(300))
      return judged(name)
    }

    test(`${resizes} random resizes go as predicted`, { timeout: slow(600_000) }, async () => {
      const table = new Map<string, number>()
      const wrong: string[] = []
      const [first] = await client.list({ namespace: 'default' }, signal)
      const node = await ports.facts.node(first?.spec.nodeName ?? '', signal)
      assert.equal(node.kind, 'seen')
      const nodeMilli = Number(node.seen.node.allocatable['cpu']) * 1000

      for (let count = 0; count < resizes;) {
        const name = oneOf(names)
        const pod = await read(name)
        const size = randomSize(pod, nodeMilli)
        const prepared = prepareSize(pod, 'c', size)
        assert.ok(prepared)
        if (Object.keys(prepared.patch.spec.containers?.[0]?.resources ?? {}).length === 0) continue
        count += 1
        const ref = { namespace: 'default', name }
        const { verdict, forecast } = await planResizeOf(ports, ref, prepared, signal)
        const happened = await happens(name, prepared.patch)
        const key = `${verdict}/${happened}`
        table.set(key, (table.get(key) ?? 0) + 1)
        if (verdict !== happened) {
          wrong.push(
            `${name} to ${JSON.stringify(size)}: predicted ${verdict} (${JSON.stringify(forecast)}), happened ${happened}`,
          )
        }
        // Others that waited may have got room by it: let the node come to rest.
        for (const other of names) await judged(other)
      }

      const cell = (row: Verdict, column: Verdict) =>
        String(table.get(`${row}/${column}`) ?? 0).padStart(11)
      console.log(['predicted \\ happened', ...verdicts.map((one) => one.padStart(11))].join(''))
      for (const row of verdicts) {
        console.log([row.padEnd(20), ...verdicts.map((column) => cell(row, column))].join(''))
      }
      assert.deepEqual(wrong, [])
      // From 1.36 on the server itself refuses what its node could never grant.
      const common: readonly Verdict[] = ['accepted', 'deferred', 'rejected']
      for (const verdict of version === '1.36' ? common : verdicts) {
        assert.ok((table.get(`${verdict}/${verdict}`) ?? 0) > 5, `too few are ${verdict}`)
      }
    })
  })
}
