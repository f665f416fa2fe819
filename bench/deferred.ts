import { cpus } from 'node:os'
import type { Pod } from '../src/domain/pod.ts'
import { resizeState } from '../src/domain/resize/reporting/state.ts'
import { pods } from '../src/kube/object/resource.ts'
import { untilFileSays } from './awaited-files.ts'
import { benchPod, quotaFile, type Fixture } from './fixture.ts'
import { summarize, type Summary } from './percentiles.ts'
import { hasCpuLimit, isRunning, PodWatch } from './pod-watch.ts'

/**
 * CPU requests in thousandths of the machine, none a whole CPU, whose text would be another:
 * beside the first of `hog` there is no room for `more`, beside the second there is.
 */
const shares = { hog: [800.5, 500.5], less: 50, more: 300 } as const

/**
 * From the moment that room appears, which is when the status of the pod that had it says
 * that it has less, to the cgroup of the pod that waited for it.
 */
export async function measureDeferred(fixture: Fixture, rounds: number): Promise<Summary> {
  const { client, cgroup } = fixture
  using watch = new PodWatch(client)
  await watch.synced
  const names = ['hog', 'waiting']
  for (const name of names) await client.create(pods, benchPod(name))
  await Promise.all(names.map((name) => watch.until(name, isRunning)))
  const quota = quotaFile(cgroup, watch.get('waiting')!)
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const less = milliOf(shares.less) + round
    const more = milliOf(shares.more) + round
    await resized(fixture, watch, 'waiting', less)
    await resized(fixture, watch, 'hog', milliOf(shares.hog[0]) + round)
    const waits = watch.until('waiting', isDeferred(more))
    await ask(fixture, 'waiting', more)
    await waits
    const changed = untilFileSays({ path: quota.path, text: quota.says(more) })
    const room = await resized(fixture, watch, 'hog', milliOf(shares.hog[1]) + round)
    times.push((await changed) - room)
  }
  for (const name of names) await client.delete(pods, { namespace: 'default', name })
  return summarize(times)
}

function milliOf(share: number): number {
  return Math.floor(cpus().length * share)
}

async function resized(
  fixture: Fixture,
  watch: PodWatch,
  name: string,
  milli: number,
): Promise<number> {
  const done = watch.until(name, hasCpuLimit(milli))
  await ask(fixture, name, milli)
  return done
}

async function ask({ client }: Fixture, name: string, milli: number): Promise<void> {
  const cpu = { cpu: `${milli}m` }
  const containers = [{ name: 'c', resources: { requests: cpu, limits: cpu } }]
  const address = { namespace: 'default', name, subresource: 'resize' }
  await client.patch(pods, address, { type: 'strategic', body: { spec: { containers } } })
}

function isDeferred(milli: number): (pod: Pod) => boolean {
  return (pod) =>
    pod.spec.containers[0]?.resources?.limits?.['cpu'] === `${milli}m` &&
    resizeState(pod).kind === 'deferred'
}
