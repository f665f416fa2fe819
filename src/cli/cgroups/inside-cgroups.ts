import { treeOfTexts } from '../../cgroup/tree-of-texts.ts'
import type { Pod } from '../../domain/pod.ts'
import type { CgroupLook, CgroupSight, CgroupSource } from '../../operate/cgroups/cgroup-look.ts'
import type { ContainerExec } from '../../operate/cluster/container-exec.ts'
import { containersOf, isRunning } from '../../operate/containers.ts'
import type { UsageSample, UsageSource } from '../../operate/cluster/usage.ts'
import { failedLooks, type ClosedContainer, type FailedLook } from './failed-looks.ts'
import { insideScript, parseInsideView, type InsideView } from './inside-script.ts'

/** Longer than any answer takes; a container that hangs must not hang us. */
const answerWithinMs = 10_000
const usualPageSize = 4096
export interface InsideOptions {
  /** How long a look lasts while the pod stays as it is: each starts a shell. @default 0 ms */
  readonly lastsMs?: number
}

interface Inside {
  readonly name: string
  readonly view: InsideView | ClosedContainer
}

/** What the script ends with where there is no such program: some shells are none. */
const noShellCodes: ReadonlySet<number> = new Set([126, 127])

/**
 * The cgroups of containers as they see them themselves, by a shell that is started inside
 * for a moment. The pod's cgroup and those above it cannot be seen from there.
 */
export function insideCgroups(
  exec: ContainerExec,
  { lastsMs = 0 }: InsideOptions = {},
  now: () => number = () => performance.now(),
): CgroupSource & UsageSource {
  const failed = failedLooks(now)
  /** By container ID, for the pod as it is. */
  const known = new Map<string, { readonly of: string; readonly until: number; view: InsideView }>()

  async function viewOf(pod: Pod, name: string, id: string, signal: AbortSignal) {
    const resting = failed.resting(id)
    if (resting !== undefined) return resting
    const { resourceVersion: of = '' } = pod.metadata
    const last = known.get(id)
    if (last?.of === of && now() < last.until) return last.view
    const view = await lookInside(pod, name, id, signal)
    if ('why' in view) return failed.add(id, view)
    failed.forget(id)
    known.set(id, { of, until: now() + lastsMs, view })
    return view
  }

  async function lookInside(
    pod: Pod,
    name: string,
    id: string,
    signal: AbortSignal,
  ): Promise<InsideView | FailedLook> {
    const { namespace = 'default', name: podName } = pod.metadata
    const command = ['sh', '-c', insideScript, 'podfit', id.slice(id.lastIndexOf('/') + 1)]
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)])
    const end = await exec({ namespace, name: podName, container: name }, command, deadline)
    signal.throwIfAborted()
    const told = (why: string) => `exec in container ${name}: ${why}`
    if (end.kind === 'failed') return { why: told(end.why), retry: end.retry }
    const { code, stdout } = end
    const view = parseInsideView(stdout)
    const isWhole = code === 0 && stdout !== ''
    if (isWhole && view.texts.size > 0) return view
    // A shell that was killed, as when its container ends, has not told all.
    const retry = isWhole || noShellCodes.has(code) ? 'never' : 'soon'
    return { why: told(`it shows no cgroup files (exit code ${code})`), retry }
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
    const closed = all.flatMap(({ view }) => ('why' in view ? [view] : []))
    const why =
      closed.map((one) => one.why).join('; ') || 'no container runs that could be looked into'
    return {
      kind: 'unseen',
      why,
      ...(closed.some(({ fleeting }) => fleeting) && { fleeting: true }),
    }
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
  if ('why' in view) {
    return { kind: 'hidden', why: view.why, ...(view.fleeting && { fleeting: true }) }
  }
  const path = `/sys/fs/cgroup in container ${name}`
  try {
    const { reading, problems } = treeOfTexts(view.texts).readParts('/')
    return { kind: 'read', path, reading, ...(problems.length > 0 && { problems }) }
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
