import assert from 'node:assert/strict'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { inParallel } from '../../src/operate/in-parallel.ts'
import { FakePodApi, runningPod } from '../support/fake-pod-api.ts'
import { podfitProgram } from '../support/podfit-process.ts'
import { runProgram } from '../support/run-program.ts'
import {
  callPodfit,
  servePodApi,
  stateDirectory,
  writeKubeconfig,
} from '../support/served-pod-api.ts'
import { cpuOf, willing } from '../support/willing-node.ts'

const small = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '64Mi' } }
const names = ['a', 'b']
const old = ['250m', '250m']
const grown = ['300m', '300m']
const directory = stateDirectory()

/** A cluster of two pods on a willing node, and the journals of whoever resizes them. */
class Scene implements AsyncDisposable {
  readonly api: FakePodApi
  readonly state = join(directory, crypto.randomUUID())
  #served: Awaited<ReturnType<typeof servePodApi>> | undefined
  readonly #no: string | undefined

  /** @param no the pod that never gets a larger size. */
  constructor(no?: string, pods = names.map((name) => runningPod(small, {}, name))) {
    this.#no = no
    this.api = willing(new FakePodApi(names.map((name) => runningPod(small, {}, name))), no)
    for (const pod of pods) this.api.set(pod)
    const metadata = { name: 'kube-system', uid: 'the-same-everywhere' }
    this.api.others.set('GET /api/v1/namespaces/kube-system', { metadata })
  }

  /** The same pods and journals once more: what happens to them is nothing to the first. */
  copy(): Scene {
    const scene = new Scene(
      this.#no,
      names.map((name) => this.api.podNamed(name)),
    )
    cpSync(this.state, scene.state, { recursive: true, force: true })
    return scene
  }

  get sizes() {
    return cpuOf(this.api, ...names)
  }

  get kubeconfig() {
    return `${this.state}.kubeconfig`
  }

  async #env() {
    this.#served ??= await servePodApi(this.api)
    writeKubeconfig(this.kubeconfig, { one: this.#served.url })
    return { XDG_STATE_HOME: this.state, KUBECONFIG: this.kubeconfig }
  }

  async run(args: readonly string[], env: Record<string, string> = {}) {
    const there = args.includes('history') ? [] : ['--kubeconfig', this.kubeconfig]
    return callPodfit([...args, ...there], { ...(await this.#env()), ...env })
  }

  /** A process of its own, which dies at `point`. */
  async killed(args: readonly string[], point: string): Promise<void> {
    // Compiled once, the many processes start in a third of the time.
    const cache = { NODE_COMPILE_CACHE: join(directory, 'compiled') }
    const env = { ...(await this.#env()), ...cache, PODFIT_CRASH_AT: point }
    const { code, stderr } = await runProgram(podfitProgram, args, { env })
    assert.equal(code, 137, stderr)
  }

  async runs() {
    const { stdout } = await this.run(['history', '-o', 'json'])
    return (JSON.parse(stdout) as { items: readonly HistoryRun[] }).items
  }

  async [Symbol.asyncDispose]() {
    await this.#served?.[Symbol.asyncDispose]()
  }
}

interface HistoryRun {
  readonly items: readonly {
    readonly from: { readonly requests: { readonly cpu: string } }
    readonly to: { readonly requests: { readonly cpu: string } }
    readonly direction: 'forward' | 'back'
    readonly state: 'waiting' | 'sending' | 'ended'
    readonly outcome?: string
  }[]
  readonly finished?: { readonly end: string }
}

interface Story {
  readonly title: string
  readonly args: readonly string[]
  /** Done before. */
  readonly first?: readonly string[]
  readonly no?: string
  /** Where it starts and where it ends; and the exit code of that. */
  readonly start: readonly string[]
  readonly end: readonly string[]
  readonly exit: number
}

const grow = ['resize', '--all', '--cpu', '300m:600m']
// Nobody sees the kernel of a node that is not there.
const done = 4

const stories: readonly Story[] = [
  { title: 'a resize', args: grow, start: old, end: grown, exit: done },
  { title: 'an undo', first: grow, args: ['undo'], start: grown, end: old, exit: done },
  {
    title: 'a rollback',
    args: [...grow, '--on-failure', 'rollback'],
    no: 'b',
    start: old,
    end: old,
    exit: 3,
  },
]

async function scene({ first, no }: Story): Promise<Scene> {
  const made = new Scene(no)
  if (first !== undefined) assert.equal((await made.run(first)).exit, done)
  return made
}

/** Every step of the journal, each time that it comes: `journal.sending.after:2`. */
async function pointsOf(story: Story): Promise<readonly string[]> {
  await using whole = await scene(story)
  const file = `${whole.state}.steps`
  await whole.run(story.args, { PODFIT_STEPS_FILE: file })
  const times = new Map<string, number>()
  const steps = readFileSync(file, 'utf8').trim().split('\n')
  return steps.map((step) => {
    times.set(step, (times.get(step) ?? 0) + 1)
    return `${step}:${times.get(step)}`
  })
}

/** Each pod has a size that the newest run tells of: the one it surely has, or either while it sends. */
function assertExplained({ items }: HistoryRun, sizes: readonly (string | undefined)[]): void {
  for (const [index, { from, to, direction, state, outcome }] of items.entries()) {
    const [before, goal] = direction === 'back' ? [to, from] : [from, to]
    const may = state === 'waiting' ? [before] : outcome === 'unseen' ? [goal] : [before, goal]
    // The pods of an undo come the other way round.
    const has = sizes[items[0]?.from.requests.cpu === grown[0] ? items.length - 1 - index : index]
    const told = `pod ${index} has ${has}: ${direction} ${state} ${outcome}`
    assert.ok(may.map(({ requests }) => requests.cpu).includes(has ?? ''), told)
  }
}

for (const story of stories) {
  describe(`podfit killed with SIGKILL in ${story.title}`, () => {
    const { args, first, start, end, exit } = story
    test('leaves a journal that explains every size, from each step; --resume ends it, undo takes it back', async () => {
      const points = await pointsOf(story)
      assert.ok(points.length >= 12, points.join(' '))
      await inParallel(points, 3, async (point) => {
        await using killed = await scene(story)
        await killed.killed(args, point)
        const runs = await killed.runs()
        const newest = runs[first === undefined ? 0 : 1]
        if (newest === undefined) assert.deepEqual(killed.sizes, start, point)
        else assertExplained(newest, killed.sizes)

        await using resumed = killed.copy()
        const carriedOn = await resumed.run(['resize', '--resume'])
        const isOver = newest === undefined || newest.finished !== undefined
        assert.equal(carriedOn.exit, isOver ? 3 : exit, `${point}: ${carriedOn.stderr}`)
        assert.deepEqual(resumed.sizes, newest === undefined ? start : end, point)

        await using undone = killed.copy()
        const back = await undone.run(['undo'])
        assert.ok([done, 3].includes(back.exit), `${point}: ${back.stderr}`)
        assert.deepEqual(undone.sizes, old, point)
        assert.equal((await undone.run(['undo'])).exit, 3, 'nothing is left to undo')
      })
    })
  })
}
