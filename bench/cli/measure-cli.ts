import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { machineCgroups } from '../../src/cli/cgroups/machine-cgroups.ts'
import type { Pod } from '../../src/domain/pod.ts'
import { summarize, type Summary } from '../percentiles.ts'
import { makeManyPods } from './many-pods.ts'
import { takenBy } from './taken-by.ts'

/** Milliseconds of the clock and of CPU. */
export interface Call {
  readonly wall: Summary
  readonly cpu: Summary
}

/** What the command line takes. */
export interface CliReport {
  readonly pods: number
  readonly help: Call
  readonly verifyOne: Call
  readonly planAll: Call
  readonly verifyAll: Call
  /** Finding and reading the cgroups of all pods, CPU: the first time, and when paths are known. */
  readonly find: Summary
  readonly readAgain: Summary
}

/** podfit's verbs on stored pods whose cgroups are real; no node changes them meanwhile. */
export async function measureCli(count: number): Promise<CliReport> {
  await using many = await makeManyPods(count)
  const state = join(many.kubeconfig, '../state')
  const env = { KUBECONFIG: many.kubeconfig, XDG_STATE_HOME: state }
  const times = async (rounds: number, args: readonly string[], expected: string) => {
    const taken = []
    for (let round = 0; round < rounds; round += 1) {
      const one = await takenBy(args, env)
      if (one.code !== 0 || !one.stdout.includes(expected)) {
        throw new Error(
          `podfit ${args.join(' ')} ended with ${one.code}\n${one.stdout.slice(-2000)}`,
        )
      }
      taken.push(one)
    }
    return {
      wall: summarize(taken.map(({ wall }) => wall)),
      cpu: summarize(taken.map(({ cpu }) => cpu)),
    }
  }
  try {
    return {
      pods: count,
      help: await times(10, ['--help'], 'Examples'),
      verifyOne: await times(10, ['verify', 'pod-0'], 'all five layers agree'),
      planAll: await times(3, ['plan', '--all', '--cpu', '+1m'], 'accepted'),
      verifyAll: await times(3, ['verify', '--all-namespaces'], 'all five layers agree'),
      ...(await lookTimes(many.pods, 5)),
    }
  } finally {
    rmSync(state, { recursive: true, force: true })
  }
}

async function lookTimes(pods: readonly Pod[], rounds: number) {
  const find: number[] = []
  const again: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const cgroups = machineCgroups()
    for (const times of [find, again]) {
      const before = process.cpuUsage()
      const { signal } = new AbortController()
      for (const pod of pods) {
        const look = await cgroups.look(pod, signal)
        if (look.kind !== 'seen')
          throw new Error(`the cgroups of ${pod.metadata.name} are not found`)
      }
      const { user, system } = process.cpuUsage(before)
      times.push((user + system) / 1000)
    }
  }
  return { find: summarize(find), readAgain: summarize(again) }
}
