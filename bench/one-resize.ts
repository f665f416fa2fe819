import { pods } from '../src/kube/object/resource.ts'
import { untilFileSays } from './awaited-files.ts'
import { benchPod, quotaFile, type Fixture } from './fixture.ts'
import { summarize, type Summary } from './percentiles.ts'
import { hasCpuLimit, isRunning, PodWatch } from './pod-watch.ts'

export interface OneResize {
  readonly bareUpdate: Summary
  readonly patchAnswered: Summary
  readonly cgroupChanged: Summary
  readonly statusDone: Summary
}

const resizePath = '/api/v1/namespaces/default/pods/one/resize'

/**
 * One resize at a time on an idle node, each beside a bare CRI update of a second
 * container on the same containerd, so that both meet the same machine.
 */
export async function measureOneResize(fixture: Fixture, rounds: number): Promise<OneResize> {
  const { client, cgroup } = fixture
  using connection = await fixture.openConnection()
  using watch = new PodWatch(client)
  await watch.synced
  for (const name of ['one', 'bare']) await client.create(pods, benchPod(name))
  await Promise.all(['one', 'bare'].map((name) => watch.until(name, isRunning)))
  const bareId = (watch.get('bare')?.status?.containerStatuses?.[0]?.containerID ?? '').slice(13)
  const quota = quotaFile(cgroup, watch.get('one')!)
  const times = {
    bare: [] as number[],
    answered: [] as number[],
    cgroup: [] as number[],
    status: [] as number[],
  }
  for (let round = 0; round < rounds; round += 1) {
    const milli = 200 + (round % 2) * 100 + (round % 7)
    times.bare.push(await timeBareUpdate(fixture, bareId, milli))
    const done = watch.until('one', hasCpuLimit(milli))
    const changed = untilFileSays({ path: quota.path, text: quota.says(milli) })
    const sent = performance.now()
    await connection.ask('PATCH', resizePath, cpuLimit(milli).body, { patch: 'strategic-merge' })
    times.answered.push(performance.now() - sent)
    times.cgroup.push((await changed) - sent)
    times.status.push((await done) - sent)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const name of ['one', 'bare']) await client.delete(pods, { namespace: 'default', name })
  return {
    bareUpdate: summarize(times.bare),
    patchAnswered: summarize(times.answered),
    cgroupChanged: summarize(times.cgroup),
    statusDone: summarize(times.status),
  }
}

async function timeBareUpdate({ cri }: Fixture, id: string, milli: number): Promise<number> {
  const start = performance.now()
  await cri.updateContainerResources(id, bareSize(milli))
  return performance.now() - start
}

/** The same values that the node sends for the bench's pod. */
export function bareSize(milli: number) {
  return {
    cpuShares: 10,
    cpuPeriod: 100_000,
    cpuQuota: milli * 100,
    memoryLimitInBytes: 64 * 2 ** 20,
  }
}

export function cpuLimit(milli: number) {
  const resources = { limits: { cpu: `${milli}m` } }
  return { type: 'strategic', body: { spec: { containers: [{ name: 'c', resources }] } } } as const
}
