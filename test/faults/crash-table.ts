import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from '../../src/domain/pod.ts'
import { pods } from '../../src/kube/object/resource.ts'
import { slowness, waitUntil } from '../support/wait-until.ts'
import type { FaultyPodfit } from './faulty-podfit.ts'
import { strayPods } from './find-faults.ts'

/** Each step at each of its times (`npm run test:crashes`), and not only at its first. */
const everyTime = process.env['PODFIT_TEST_CRASHES'] === 'all'

/** `node.actuated.before:1`, and not the second time. */
export const firstTimes = /:1$/

/** The n-th time of a step in a story: `node.actuated.before:2`. */
export interface CrashPoint {
  readonly story: string
  readonly at: string
}

/**
 * Kills podfit at each step of a story. Which steps there are is not written down
 * anywhere: the story runs once without a crash and tells.
 */
export class CrashTable {
  readonly #faulty: FaultyPodfit
  /** The newest resourceVersion that anybody was shown. */
  #newest = 0

  constructor(faulty: FaultyPodfit) {
    this.#faulty = faulty
  }

  /**
   * The points of a story that is run now.
   *
   * @param only which of them matter there, unless each is wanted at each time.
   * @default each step's first time
   */
  async pointsOf(
    story: string,
    run: () => Promise<unknown>,
    only = firstTimes,
  ): Promise<readonly CrashPoint[]> {
    await this.#stepsUntilQuiet()
    await run()
    const steps = await this.#stepsUntilQuiet()
    const times = new Map<string, number>()
    const points = steps.map((step) => {
      const time = (times.get(step) ?? 0) + 1
      times.set(step, time)
      return { story, at: `${step}:${time}` }
    })
    return everyTime ? points : points.filter(({ at }) => only.test(at))
  }

  /**
   * Has `crash` crash and check at each of the points, one subtest for each. Every
   * step has to be crashed at, though perhaps not each of its times: commits of one
   * turn share a transaction, so their number varies.
   */
  async crashAtEach(
    t: TestContext,
    points: readonly CrashPoint[],
    crash: (point: CrashPoint) => Promise<boolean>,
  ): Promise<void> {
    const missed = new Map(points.map((point) => [nameOf(point), 'not tried']))
    const reached = new Set<string>()
    for (const point of points) {
      let tried = false
      await t.test(`${point.story} ${point.at}`, async () => {
        this.#faulty.takeSteps()
        if (await crash(point)) reached.add(nameOf(point))
        else missed.set(nameOf(point), this.#faulty.takeSteps().join(' '))
        await this.#assertVersionWentOn()
        await waitUntil('no stray container', () => strayPods(this.#faulty), isEmpty)
        tried = true
      })
      // After a failure the pods are in a state that says nothing about later steps.
      if (!tried) return
    }
    for (const name of reached) missed.delete(name)
    assert.deepEqual([...missed], [], 'no crash at these steps, with what was done instead')
  }

  /** Runs the story with a crash at the point and starts podfit again; whether it crashed. */
  async crashed({ at }: CrashPoint, story: () => Promise<unknown>): Promise<boolean> {
    this.#faulty.arm(at)
    const died = await this.#faulty.diesDuring(async () => {
      await story()
      // What comes behind it, and may not come at all.
      const isDead = () => !this.#faulty.running
      await waitUntil('podfit to die', isDead, Boolean, { withinMs: 1000 }).catch(() => {})
    })
    if (died) await this.#faulty.start()
    else this.#faulty.disarm()
    return died
  }

  /** Remembers that somebody was shown this version. */
  see({ metadata }: Pod): void {
    this.#newest = Math.max(this.#newest, Number(metadata.resourceVersion))
  }

  /** Those since the last call; events are written behind, when nobody waits for them. */
  async #stepsUntilQuiet(): Promise<readonly string[]> {
    const steps: string[] = []
    for (;;) {
      await sleep(200 * slowness)
      const more = this.#faulty.takeSteps()
      steps.push(...more)
      if (more.length === 0) return steps
    }
  }

  async #assertVersionWentOn(): Promise<void> {
    const { metadata } = await this.#faulty.client.list(pods)
    const version = Number(metadata.resourceVersion)
    assert.ok(version >= this.#newest, `resourceVersion ${version} after ${this.#newest}`)
    this.#newest = version
  }
}

/** The two stories by turns, so that what one leaves is what the other begins with. */
export function byTurns(
  one: readonly CrashPoint[],
  other: readonly CrashPoint[],
): readonly CrashPoint[] {
  const pairs = one.flatMap((point, index) => [point, ...other.slice(index, index + 1)])
  return [...pairs, ...other.slice(one.length)]
}

function nameOf({ story, at }: CrashPoint): string {
  return `${story} ${at.slice(0, at.lastIndexOf(':'))}`
}

function isEmpty(all: readonly unknown[]): boolean {
  return all.length === 0
}
