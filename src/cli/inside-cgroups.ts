import { treeOfTexts } from '../cgroup/tree-of-texts.ts'
import type { Pod } from '../domain/pod.ts'
import type { CgroupLook, CgroupSight, CgroupSource } from '../operate/cgroup-look.ts'
import type { ContainerExec } from '../operate/container-exec.ts'
import { containersOf, isRunning } from '../operate/containers.ts'
import type { UsageSample, UsageSource } from '../operate/usage.ts'
import { insideScript, parseInsideView, type InsideView } from './inside-script.ts'

/** Longer than any answer takes; a container that hangs must not hang us. */
const answerWithinMs = 10_000
const usualPageSize = 4096

interface Inside {
  readonly name: string
  readonly view: InsideView | { readonly why: string }
}

/**
 * The cgroups of containers as they see them themselves, by a shell that is started inside
 * for a moment. The pod's cgroup and those above it cannot be seen from there.
 */
export function insideCgroups(exec: ContainerExec): CgroupSource & UsageSource {
  /** By container ID: what cannot work now will not work in a moment either. */
  const hopeless = new Map<string, string>()

  async function viewOf(pod: Pod, name: string, id: string, signal: AbortSignal) {
    const known = hopeless.get(id)
    if (known !== undefined) return { why: known }
    const { namespace = 'default', name: podName } = pod.metadata
    const command = ['sh', '-c', insideScript, 'podfit', id.slice(id.lastIndexOf('/') + 1)]
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
    const end = await exec({ namespace, name: podName, container: name }, command, deadline)
    signal.throwIfAborted()
    const view = end.kind === 'ended' ? parseInsideView(end.stdout) : undefined
    if (view !== undefined && view.texts.size > 0) return view
    const why = end.kind === 'failed' ? end.why : `it shows no cgroup files (exit code ${end.code})`
    const told = `exec in container ${name}: ${why}`
    hopeless.set(id, told)
    return { why: told }
  }

  function insideAll(pod: Pod, signal: AbortSignal): Promise<readonly Inside[]> {
    const running = containersOf(pod).filter(({ status }) => isRunning(status))
    return Promise.all(
      running.map(async ({ spec: { name }, status }) => ({
        name,
        view: await viewOf(pod, name, status?.containerID ?? '', signal),
      })),
    )
  }

  return {
    async look(pod, signal) {
      const all = await insideAll(pod, signal)
      return lookOf(all)
    },
    async sample(pod, signal) {
      const all = await insideAll(pod, signal)
      const samples = all.flatMap(({ name, view }) => {
        const sample = 'why' in view ? undefined : sampleOf(view)
        return sample === undefined ? [] : [[name, sample] as const]
      })
      return samples.length === 0 ? undefined : new Map(samples)
    },
  }
}

function lookOf(all: readonly Inside[]): CgroupLook {
  const seen = all.flatMap(({ view }) => ('why' in view ? [] : [view]))
  const [first] = seen
  if (first === undefined) {
    const whys = all.flatMap(({ view }) => ('why' in view ? [view.why] : []))
    return { kind: 'unseen', why: whys.join('; ') || 'no container runs that could be looked into' }
  }
  const { version } = treeOfTexts(first.texts)
  return {
    kind: 'seen',
    source: `exec in the container, cgroup ${version}`,
    inside: true,
    version,
    pageSize: first.pageSize ?? usualPageSize,
    pod: { kind: 'hidden', why: "a container cannot see its pod's cgroup and those above" },
    containers: Object.fromEntries(all.map(({ name, view }) => [name, sightOf(name, view)])),
  }
}

function sightOf(name: string, view: Inside['view']): CgroupSight {
  if ('why' in view) return { kind: 'hidden', why: view.why }
  const path = `/sys/fs/cgroup in container ${name}`
  try {
    return { kind: 'read', path, reading: treeOfTexts(view.texts).read('/') }
  } catch (error) {
    return { kind: 'unreadable', path, why: error instanceof Error ? error.message : String(error) }
  }
}

/** The node's own clock stands beside the numbers, so that the way of the answer does not count. */
function sampleOf({ texts, uptimeMs }: InsideView): UsageSample | undefined {
  try {
    const tree = treeOfTexts(texts)
    const cpuMicros: number = tree.cpuUsage('/').usage
    const memory: number = tree.memoryUsage('/').workingSet
    return { at: uptimeMs, cpuMicros, memory }
  } catch {
    return undefined
  }
}
