import { oomScoreAdj } from '../domain/cgroup/oom-score.ts'
import { containerNamed } from '../domain/lifecycle/environment.ts'
import type { Container, Pod } from '../domain/pod.ts'
import { bytesQuantity } from '../domain/quantity.ts'
import { type KeptOomScore, withOomScore } from '../domain/resize/oom-score-condition.ts'
import type { Size } from '../domain/resources.ts'
import { bytes } from '../domain/units.ts'
import type { NodeContext } from './node-context.ts'
import { unlessGone } from './unless-gone.ts'

/** How readily the kernel kills a process, as `/proc/PID/oom_score_adj` has it. */
export interface OomScores {
  /** @throws Error with code `notFound` if the process is gone. */
  read(pid: number): number
  /** @throws Error with code `denied` where a score may not go down. */
  write(pid: number, value: number): void
}

/** What of the node's context is needed here. */
export interface OomScoreContext extends Pick<
  NodeContext,
  'machine' | 'oomScores' | 'conditions' | 'now'
> {
  readonly cgroups: Pick<NodeContext['cgroups'], 'processesOf'>
}

/**
 * Gives the processes of a running container the score of its new memory request, which no
 * runtime does. A process that has another score than the container's first has chosen it
 * and keeps it. Where the machine does not allow it, the pod's status says so.
 *
 * @param pod with the allocated resources in its spec.
 * @param before what the container had.
 */
export function followOomScore(
  context: OomScoreContext,
  pod: Pod,
  { container: name, containerId }: { readonly container: string; readonly containerId: string },
  before: Size | undefined,
): void {
  const container = containerNamed(pod, name)
  if (container === undefined || before === undefined) return
  const wanted = scoreOf(context, pod, container)
  if (wanted === scoreOf(context, pod, withRequest(container, before))) return
  tellKept(context, pod, name, setScores(context, pod, name, containerId, wanted))
}

/** A container that starts has the score of its size. */
export function forgetOomScore(context: OomScoreContext, pod: Pod, container: string): void {
  tellKept(context, pod, container, undefined)
}

function scoreOf({ machine }: OomScoreContext, { spec }: Pod, container: Container): number {
  return oomScoreAdj({ spec, container, nodeMemory: machine.memory })
}

function withRequest(container: Container, { memoryRequest = bytes(0) }: Size): Container {
  const { resources } = container
  const requests = { ...resources?.requests, memory: bytesQuantity(memoryRequest) }
  return { ...container, resources: { ...resources, requests } }
}

function setScores(
  { cgroups, oomScores }: OomScoreContext,
  pod: Pod,
  container: string,
  containerId: string,
  wanted: number,
): KeptOomScore | undefined {
  const pids = cgroups.processesOf(pod, containerId).toSorted((a, b) => a - b)
  const holds = pids.flatMap((pid) => unlessGone(() => oomScores.read(pid)) ?? [])[0]
  if (holds === undefined || holds === wanted) return undefined
  try {
    for (const pid of pids) {
      if (unlessGone(() => oomScores.read(pid)) === holds) {
        unlessGone(() => oomScores.write(pid, wanted))
      }
    }
    return undefined
  } catch (error) {
    if (codeOf(error) !== 'denied') throw error
    return { container, holds, wanted }
  }
}

function tellKept(
  { conditions, now }: OomScoreContext,
  { metadata }: Pod,
  container: string,
  kept: KeptOomScore | undefined,
): void {
  const at = `${now().toISOString().slice(0, 19)}Z`
  conditions.apply(metadata.uid ?? '', (all) => ({
    conditions: withOomScore(all, container, kept, at),
    changed: false,
  }))
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
