import type { Pod } from '../../domain/pod.ts'
import { inParallel } from '../../operate/in-parallel.ts'
import {
  useBetween,
  type ContainerUse,
  type PodUse,
  type PodUses,
  type UsageSample,
  type UsageSource,
} from '../../operate/cluster/usage.ts'
import type { SourceChoice } from './cgroup-sources.ts'
import type { Cluster } from '../cluster/connection.ts'
import { insideCgroups } from './inside-cgroups.ts'
import { readMetrics } from '../cluster/kube-metrics.ts'
import { machineCgroups } from './machine-cgroups.ts'
import { systemClock } from '../system-clock.ts'
import { requestsAtOnce } from '../cluster/targets.ts'

export const unused: PodUse = { uses: new Map(), source: 'nowhere' }

/** Long enough to tell a millicore. */
const sampleMs = 500

type Samples = ReadonlyMap<string, ReadonlyMap<string, UsageSample>>

/** Whether the CPU is asked for, too: it takes two samples, and a moment between them. */
export type Asked = 'cpuAndMemory' | 'memory'

/**
 * Use from this machine's cgroups where a pod runs here, else from metrics.k8s.io, one
 * request for all; the shells that it takes to look from inside come last. CPU counts from
 * when a pod was asked about last.
 */
export function podUses(
  { client, exec }: Pick<Cluster, 'client' | 'exec'>,
  choice: SourceChoice,
  asked: Asked = 'cpuAndMemory',
): PodUses {
  const machine = sampled(machineCgroups(), 'cgroups of this machine', asked)
  const inside = sampled(insideCgroups(exec), 'exec in the container', asked)
  const metrics: PodUses = {
    async now(pods, signal) {
      const [namespace, ...more] = new Set(pods.map(({ metadata }) => metadata.namespace))
      if (pods.length === 0) return new Map()
      const found = await readMetrics(client, more.length === 0 ? namespace : undefined, signal)
      return usesInMetrics(pods, found)
    },
  }
  if (choice === 'exec') return inside
  return firstOf(choice === 'machine' ? [machine, metrics] : [machine, metrics, inside])
}

function firstOf(sources: readonly PodUses[]): PodUses {
  return {
    async now(pods, signal) {
      const found = new Map<Pod, PodUse>()
      for (const source of sources) {
        const rest = pods.filter((pod) => !found.has(pod))
        for (const [pod, use] of await source.now(rest, signal)) found.set(pod, use)
      }
      return found
    },
  }
}

/** Use between two samples; the first time it takes a moment to have two. */
function sampled(cgroups: UsageSource, source: string, asked: Asked): PodUses {
  let last: Samples = new Map()
  async function samplesOf(pods: readonly Pod[], signal: AbortSignal): Promise<Samples> {
    const all = await inParallel(
      pods,
      requestsAtOnce,
      async (pod) => [pod, await cgroups.sample(pod, signal)] as const,
    )
    return new Map(
      all.flatMap(([pod, one]) => (one === undefined ? [] : [[pod.metadata.uid ?? '', one]])),
    )
  }
  return {
    async now(pods, signal) {
      let before = last
      last = await samplesOf(pods, signal)
      if (asked !== 'memory' && last.keys().some((uid) => !before.has(uid))) {
        before = last
        await systemClock.sleep(sampleMs, signal)
        signal.throwIfAborted()
        last = await samplesOf(pods, signal)
      }
      const found = new Map<Pod, PodUse>()
      for (const pod of pods) {
        const uid = pod.metadata.uid ?? ''
        const after = last.get(uid)
        if (after !== undefined) found.set(pod, { uses: usesOf(before.get(uid), after), source })
      }
      return found
    },
  }
}

function usesOf(
  before: ReadonlyMap<string, UsageSample> | undefined,
  after: ReadonlyMap<string, UsageSample>,
): ReadonlyMap<string, ContainerUse> {
  return new Map(after.entries().map(([name, one]) => [name, useBetween(before?.get(name), one)]))
}

function usesInMetrics(
  pods: readonly Pod[],
  metrics: ReadonlyMap<string, ContainerUse>,
): ReadonlyMap<Pod, PodUse> {
  const source = 'metrics.k8s.io'
  return new Map(
    pods.flatMap((pod) => {
      const { namespace = 'default', name } = pod.metadata
      const uses = new Map(
        pod.spec.containers.flatMap((container) => {
          const use = metrics.get(`${namespace}/${name}/${container.name}`)
          return use === undefined ? [] : [[container.name, use] as const]
        }),
      )
      return uses.size === 0 ? [] : [[pod, { uses, source }] as const]
    }),
  )
}
