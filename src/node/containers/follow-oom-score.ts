import { actuatedSpec } from '../../domain/resources/actuated-spec.ts'
import { oomScoreAdj } from '../../domain/cgroup/oom-score.ts'
import { errorCode } from '../../domain/error-code.ts'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import { allContainers, type Pod, type PodSpec } from '../../domain/pod.ts'
import {
  type KeptOomScore,
  withOomScore,
} from '../../domain/resize/reporting/oom-score-condition.ts'
import { timestamp } from '../../domain/timestamp.ts'
import { asStep } from '../as-step.ts'
import type { ContainerCgroups } from '../cgroups/container-cgroups.ts'
import type { NodeContext } from '../node-context.ts'
import { unlessGone } from '../unless-gone.ts'

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
  'machine' | 'oomScores' | 'oomScoreRecord' | 'conditions' | 'onStep' | 'now'
> {
  readonly observed: Pick<NodeContext['observed'], 'get'>
  readonly checkpoint: Pick<NodeContext['checkpoint'], 'actuated'>
  readonly cgroups: { readonly containers: Pick<ContainerCgroups, 'processes'> }
}

/**
 * Gives the processes of the pod's running containers the scores of its new memory requests,
 * which no runtime does: a sidecar's depends on all containers, everybody's on what the pod as
 * a whole asks for. A process that has another score than the container's first has chosen it
 * and keeps it. Where the machine does not allow it, the pod's status says so.
 *
 * @param pod with the allocated resources in its spec.
 */
export function followOomScores(context: OomScoreContext, pod: Pod): void {
  const { observed, oomScoreRecord } = context
  const uid = pod.metadata.uid ?? ''
  for (const { name } of allContainers(pod.spec)) {
    const latest = latestContainer(observed.get(uid), name)
    if (latest?.state !== 'running') continue
    const wanted = scoreOf(context, pod.spec, name)
    const given = oomScoreRecord.given(uid, name, latest.id) ?? earlierScore(context, pod, name)
    if (wanted !== given)
      tellKept(context, pod, name, setScores(context, pod, name, latest.id, wanted))
    oomScoreRecord.give(uid, name, latest.id, wanted)
  }
}

/** A container that starts has the score of its size. */
export function noteOomScore(
  context: OomScoreContext,
  pod: Pod,
  container: string,
  id: string,
): void {
  const score = scoreOf(context, pod.spec, container)
  context.oomScoreRecord.give(pod.metadata.uid ?? '', container, id, score)
  tellKept(context, pod, container, undefined)
}

function scoreOf({ machine }: OomScoreContext, spec: PodSpec, name: string): number {
  const container = allContainers(spec).find((one) => one.name === name)
  if (container === undefined) throw new RangeError(`Cannot find container ${name} in its pod`)
  return oomScoreAdj({ spec, container, nodeMemory: machine.memory })
}

/** What an earlier podfit gave it: the score of what was recorded as actuated. */
function earlierScore(context: OomScoreContext, { metadata, spec }: Pod, name: string): number {
  const actuated = context.checkpoint.actuated(metadata.uid ?? '')
  return scoreOf(context, actuatedSpec(spec, actuated), name)
}

function setScores(
  { cgroups, oomScores, onStep }: OomScoreContext,
  pod: Pod,
  container: string,
  containerId: string,
  wanted: number,
): KeptOomScore | undefined {
  const pids = cgroups.containers.processes(pod, containerId).toSorted((a, b) => a - b)
  const holds = pids.flatMap((pid) => unlessGone(() => oomScores.read(pid)) ?? [])[0]
  if (holds === undefined || holds === wanted) return undefined
  try {
    for (const pid of pids) {
      if (unlessGone(() => oomScores.read(pid)) === holds) {
        asStep(onStep, 'node.oom-score', () => unlessGone(() => oomScores.write(pid, wanted)))
      }
    }
    return undefined
  } catch (error) {
    if (errorCode(error) !== 'denied') throw error
    return { container, holds, wanted }
  }
}

function tellKept(
  { conditions, now }: OomScoreContext,
  { metadata }: Pod,
  container: string,
  kept: KeptOomScore | undefined,
): void {
  const at = timestamp(now())
  conditions.apply(metadata.uid ?? '', (all) => ({
    conditions: withOomScore(all, container, kept, at),
    changed: false,
  }))
}
