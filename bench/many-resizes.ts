import { pods } from '../src/kube/object/resource.ts'
import { untilFilesSay } from './awaited-files.ts'
import { quotaFile, type Fixture } from './fixture.ts'
import { bareSize, cpuLimit } from './one-resize.ts'
import { inFlight, summarize } from './percentiles.ts'
import { hasCpuLimit, type PodWatch } from './pod-watch.ts'

export interface ManyResizes {
  readonly pods: number
  /** The fastest of several numbers in flight. */
  readonly bareUpdates: { readonly ms: number; readonly inFlight: number }
  /** The middle of `rounds`, milliseconds. */
  readonly lastCgroup: number
  readonly lastStatus: number
  /** In the order in which they came: the first ones meet code that is not compiled yet. */
  readonly rounds: readonly Round[]
}

interface Round {
  readonly lastCgroup: number
  readonly lastStatus: number
}

const sizes = [310, 320, 330, 340, 350, 360, 370]

/** All pods resized at once, and the same containers updated through CRI as fast as containerd takes it. */
export async function measureManyResizes(
  fixture: Fixture,
  watch: PodWatch,
  names: readonly string[],
): Promise<ManyResizes> {
  const bare = await fastestBare(fixture, watch, names)
  const rounds: Round[] = []
  for (const milli of sizes) {
    rounds.push(await resizeAll(fixture, watch, names, milli))
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
  const lastCgroup = summarize(rounds.map((round) => round.lastCgroup)).p50
  const lastStatus = summarize(rounds.map((round) => round.lastStatus)).p50
  return { pods: names.length, bareUpdates: bare, lastCgroup, lastStatus, rounds }
}

async function fastestBare({ cri }: Fixture, watch: PodWatch, names: readonly string[]) {
  const ids = names.map(
    (name) => watch.get(name)?.status?.containerStatuses?.[0]?.containerID?.slice(13) ?? '',
  )
  const runs = []
  for (const atOnce of [4, 8, 16, 8]) {
    const start = performance.now()
    const size = bareSize(400 + runs.length * 10)
    await inFlight(ids, atOnce, (id) => cri.updateContainerResources(id, size))
    runs.push({ ms: performance.now() - start, inFlight: atOnce })
  }
  return runs.sort((a, b) => a.ms - b.ms)[0]!
}

async function resizeAll(
  { client, cgroup }: Fixture,
  watch: PodWatch,
  names: readonly string[],
  milli: number,
): Promise<Round> {
  const files = names.map((name) => quotaFile(cgroup, watch.get(name)!))
  const statuses = names.map((name) => watch.until(name, hasCpuLimit(milli)))
  const start = performance.now()
  const patched = inFlight(names, 16, async (name) => {
    await client.patch(pods, { namespace: 'default', name, subresource: 'resize' }, cpuLimit(milli))
  })
  const texts = files.map(({ path, says }) => ({ path, text: says(milli) }))
  const changed = untilFilesSay(texts)
  await patched
  return {
    lastCgroup: (await changed) - start,
    lastStatus: Math.max(...(await Promise.all(statuses))) - start,
  }
}
