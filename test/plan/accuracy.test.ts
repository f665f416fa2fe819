import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { kubeClusterFacts } from '../../src/cli/cluster/kube-cluster-facts.ts'
import { kubePodClient } from '../../src/cli/cluster/kube-pod-client.ts'
import { machineCgroups } from '../../src/cli/cgroups/machine-cgroups.ts'
import type { Pod, ResourceList } from '../../src/domain/pod.ts'
import type { PodClient, ResizePatch } from '../../src/operate/cluster/pod-client.ts'
import type { ExpectedFiles } from '../../src/operate/cgroups/expected-files.ts'
import { planResizes, type PlanPorts } from '../../src/operate/plan/plan-resize.ts'
import { prepareSize } from '../../src/operate/resize/prepare-resize.ts'
import { LiveNode } from '../e2e/live-node.ts'
import { randomNumbers } from '../support/random-numbers.ts'
import { slow, slowness } from '../support/wait-until.ts'
import { differing, filesFound } from './files-found.ts'
import { untilJudged } from './judged.ts'
import { randomPods, randomSize } from './random-pods.ts'
import { TruthTable, type Verdict, verdicts } from './truth-table.ts'

const seed = Number(process.env['PODFIT_SEED'] ?? 20260131)
/** `npm run test:accuracy` has more. */
const resizes = Number(process.env['PODFIT_RESIZES'] ?? 40)
const resizesOfOneFilling = 40
const names = Array.from({ length: 7 }, (_, index) => `pod-${index}`)
const { signal } = new AbortController()

/** In the guest, for what the kernel has at the end: what a server answers is the same there. */
const versions = slowness === 1 ? (['1.36', '1.33'] as const) : (['1.36'] as const)

for (const version of versions) {
  describe(`podfit plan against what happens, Kubernetes ${version}, seed ${seed}`, () => {
    const random = randomNumbers(seed)
    let node: LiveNode
    let client: PodClient
    let ports: PlanPorts
    let allocatable: ResourceList
    let nodeMilli: number
    /** Cgroup files that were held against the plan. */
    let compared = 0

    before(async () => {
      node = await LiveNode.start({ args: ['--kube-version', version] })
      client = kubePodClient(node.client)
      ports = { client, facts: kubeClusterFacts(node.client), cgroups: machineCgroups() }
      ;({ allocatable } = (await node.node()).status)
      nodeMilli = Number(allocatable['cpu']) * 1000
    })
    after(() => node?.[Symbol.asyncDispose]())

    async function fill(): Promise<void> {
      const before = await client.list({ namespace: 'default' }, signal)
      await node.remove(...before.map(({ metadata }) => metadata.name))
      const items = randomPods(random, nodeMilli, names)
      await node.kubectl.apply({ apiVersion: 'v1', kind: 'List', items })
      await untilJudged(client, allocatable, signal)
    }

    async function read(name: string): Promise<Pod> {
      const answer = await client.read({ namespace: 'default', name }, signal)
      assert.equal(answer.kind, 'pod')
      return answer.pod
    }

    async function happens(name: string, patch: ResizePatch): Promise<Verdict> {
      const how = { subresource: 'resize', dryRun: false } as const
      const answer = await client.patch({ namespace: 'default', name }, patch, how, signal)
      // A server since 1.36 refuses at once what its node could never grant.
      if (answer.kind === 'refused') return 'rejected'
      return (await untilJudged(client, allocatable, signal)).get(name) as Verdict
    }

    /** What the pod's cgroup files say now that the plan did not say; nothing if all was right. */
    async function wrongFiles(name: string, { container, pod }: ExpectedFiles): Promise<string> {
      const found = filesFound(await ports.cgroups.look(await read(name), signal), 'c')
      const wrong = [...differing(container, found.container), ...differing(pod, found.pod)]
      compared += container.length + pod.length
      return wrong.length === 0 ? '' : `${name}: ${wrong.join(', ')}`
    }

    /** One random resize, predicted and carried out; undefined if it would change nothing. */
    async function oneResize(table: TruthTable): Promise<string | undefined> {
      const name = random.oneOf(names)
      const pod = await read(name)
      const size = randomSize(random, pod, nodeMilli)
      const prepared = prepareSize(pod, 'c', size)
      assert.ok(prepared)
      const { resources } = prepared.patch.spec.containers?.[0] ?? {}
      if (Object.keys(resources ?? {}).length === 0) return undefined
      const ref = { namespace: 'default', name }
      const [plan] = await planResizes(ports, [{ ref, prepared }], signal)
      assert.ok(plan)
      const { verdict, forecast, files } = plan
      const happened = await happens(name, prepared.patch)
      table.add(verdict, happened)
      if (verdict === happened) {
        return verdict === 'accepted' ? wrongFiles(name, files) : ''
      }
      return `${name} to ${JSON.stringify(size)}: predicted ${verdict} (${JSON.stringify(forecast)}), happened ${happened}`
    }

    test(`${resizes} random resizes go as predicted`, { timeout: slow(1_200_000) }, async () => {
      const table = new TruthTable()
      const wrong: string[] = []
      for (let count = 0; count < resizes;) {
        if (count % resizesOfOneFilling === 0) await fill()
        const told = await oneResize(table)
        if (told === undefined) continue
        if (told !== '') wrong.push(told)
        count += 1
      }
      console.log(`${String(table)}\n${compared} cgroup files compared`)
      assert.ok(compared > 0)
      assert.deepEqual(wrong, [])
      // From 1.36 on the server itself refuses what its node could never grant.
      const common: readonly Verdict[] = ['accepted', 'deferred', 'rejected']
      for (const verdict of version === '1.36' ? common : verdicts) {
        assert.ok(table.count(verdict, verdict) > resizes / 100, `too few are ${verdict}`)
      }
    })
  })
}
