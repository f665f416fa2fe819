import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { sameSize, sizeOf } from '../../src/domain/resources/size.ts'
import type { Pod, ResourceRequirements } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { idle, LiveNode, namespace } from '../e2e/live-node.ts'
import { slowness } from '../support/wait-until.ts'

/**
 * Each step at each of its times (`npm run test:crashes`), and not only those after which the
 * node is at work: killed-run.test.ts has each of them, with a node that is only played.
 */
const everyTime = process.env['PODFIT_TEST_CRASHES'] === 'all'

const small = { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '100m', memory: '32Mi' } }
const names = ['a', 'b', 'c']
const group = ['-l', 'app=group'] as const

/** An item of a journal as `podfit history -o json` shows it. */
interface Item {
  readonly name: string
  readonly from: ResourceRequirements
  readonly to: ResourceRequirements
  readonly direction?: 'forward' | 'back'
  readonly state?: 'waiting' | 'sending' | 'ended'
  readonly outcome?: string
}

interface Story {
  readonly title: string
  readonly args: readonly string[]
  /** Has to be done before, and need not be looked at. */
  readonly first?: readonly string[]
  /** CPU requests at the end, whenever it was killed and resumed; and how that ends. */
  readonly end: readonly string[]
  readonly exit: number
  /** CPU requests before. */
  readonly start: readonly string[]
}

describe('podfit resize killed with SIGKILL at each step of its journal', () => {
  let node: LiveNode
  let stepsFile: string

  before(async () => {
    node = await LiveNode.start()
    stepsFile = join(node.podfit.scratchDir, 'steps')
    for (const name of names) {
      await node.client.create(pods, {
        metadata: { name, namespace, labels: { app: 'group' } },
        spec: { terminationGracePeriodSeconds: 1, containers: [idle('c', small)] },
      })
    }
    for (const name of names) await node.settled(name)
  })
  after(() => node?.[Symbol.asyncDispose]())

  async function sizes(): Promise<ReadonlyMap<string, ResourceRequirements>> {
    const { items } = await node.client.list(pods, { namespace, labelSelector: 'app=group' })
    return new Map(
      items.map(({ metadata, spec }: Pod) => [metadata.name, spec.containers[0]?.resources ?? {}]),
    )
  }

  async function requests(): Promise<readonly (string | undefined)[]> {
    return [...(await sizes()).values()].map((size) => size.requests?.['cpu'])
  }

  async function newestRun(): Promise<{ readonly id?: string; readonly items: readonly Item[] }> {
    const { stdout } = await node.podfit.podfit(['history', '-o', 'json'])
    const { items } = JSON.parse(stdout) as { items: { id: string; items: Item[] }[] }
    return items.at(-1) ?? { items: [] }
  }

  /** Every pod has a size that the journal tells of: sure where it is sure, either while it sends. */
  async function assertExplained(before: string | undefined, start: readonly string[]) {
    const run = await newestRun()
    const now = await sizes()
    if (run.id === before) return assert.deepEqual(await requests(), start)
    for (const { name, from, to, direction, state = 'waiting', outcome } of run.items) {
      const has = sizeOf(now.get(name))
      const [old, goal] = direction === 'back' ? [to, from] : [from, to]
      const may = state === 'waiting' ? [old] : outcome === 'done' ? [goal] : [old, goal]
      const told = `${name} has ${JSON.stringify(now.get(name))}: ${direction} ${state} ${outcome}`
      assert.ok(
        may.some((size) => sameSize(has, sizeOf(size))),
        told,
      )
    }
  }

  async function restore(): Promise<void> {
    for (const name of names) {
      await node.resize(name, { containers: [{ name: 'c', resources: small }] })
      await node.settled(name)
    }
  }

  async function pointsOf({ args, first }: Story): Promise<readonly string[]> {
    if (first !== undefined) await node.podfit.podfit(first)
    rmSync(stepsFile, { force: true })
    await node.podfit.podfit(args, { env: { PODFIT_STEPS_FILE: stepsFile } })
    await restore()
    const times = new Map<string, number>()
    const steps = readFileSync(stepsFile, 'utf8').split('\n')
    const points = steps.flatMap((step) => {
      if (!step.startsWith('journal.')) return []
      times.set(step, (times.get(step) ?? 0) + 1)
      return [`${step}:${times.get(step)}`]
    })
    return everyTime
      ? points
      : points.filter((point) => /(ended\.before:[14]|rollingBack\.before:1)$/.test(point))
  }

  const allocatable = async () => Number((await node.node()).status.allocatable['cpu']) * 1000
  const start = names.map(() => '50m')
  const grown = names.map(() => '60m')
  const grow = ['resize', ...group, '--cpu', '60m:120m']

  const stories: readonly (() => Promise<Story>)[] = [
    async () => ({ title: 'a resize', args: grow, start, end: grown, exit: 0 }),
    async () => ({
      title: 'an undo',
      first: grow,
      args: ['undo'],
      start: grown,
      end: start,
      exit: 0,
    }),
    async () => {
      // Two of three fit; the third waits for its timeout, and all go back.
      const more = `+${Math.floor((await allocatable()) * 0.4)}m`
      const slowly = ['--on-failure', 'rollback', '--timeout', slowness === 1 ? '2s' : '5s']
      const args = ['resize', ...group, '--cpu', `${more}:${more}`, ...slowly]
      return { title: 'a rollback', args, start, end: start, exit: 3 }
    },
  ]

  for (const story of stories) {
    test('the journal explains every size, --resume ends what was begun, undo takes it back', async (t) => {
      const { title, args, first, end, exit, start: old } = await story()
      for (const point of await pointsOf(await story())) {
        await t.test(`${title} at ${point}`, async () => {
          if (first !== undefined) assert.equal((await node.podfit.podfit(first)).code, 0)
          const { id } = await newestRun()
          const killed = await node.podfit.podfit(args, { env: { PODFIT_CRASH_AT: point } })
          assert.equal(killed.code, 137, killed.stderr)
          await assertExplained(id, old)
          const begun = (await newestRun()).id !== id
          const resumed = await node.podfit.podfit(['resize', '--resume'])
          if (point.startsWith('journal.begun.before') || !begun) {
            assert.deepEqual([resumed.code, await requests()], [3, old])
          } else if (!point.startsWith('journal.finished.after')) {
            assert.equal(resumed.code, exit, resumed.stderr)
            assert.deepEqual(await requests(), end)
          }
          const { code, stdout } = await node.podfit.podfit(['verify', ...group])
          assert.equal(code, 0, stdout)
          await restore()
        })
      }
    })
  }

  test('undo alone leaves no pod at the new size', async (t) => {
    for (const point of await pointsOf({ title: '', args: grow, start, end: grown, exit: 0 })) {
      await t.test(`at ${point}`, async () => {
        // Nobody has made a resize before that could be taken back instead.
        const state = { XDG_STATE_HOME: join(node.podfit.scratchDir, `state-${point}`) }
        const killed = await node.podfit.podfit(grow, { env: { ...state, PODFIT_CRASH_AT: point } })
        assert.equal(killed.code, 137, killed.stderr)
        const { code, stderr } = await node.podfit.podfit(['undo'], { env: state })
        const wasSent = !/\.(begun|sending)\.before:1$|begun\.after/.test(point)
        assert.equal(code, wasSent ? 0 : 3, stderr)
        assert.deepEqual(await requests(), start)
        const resumed = await node.podfit.podfit(['resize', '--resume'], { env: state })
        const left = !wasSent && !point.startsWith('journal.begun.before')
        assert.equal(resumed.code, left ? 0 : 3, resumed.stderr)
        await restore()
      })
    }
  })
})
