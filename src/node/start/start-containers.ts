import type { PodDecision } from '../../domain/lifecycle/decide.ts'
import { latestContainer } from '../../domain/lifecycle/observed.ts'
import type { Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { postStart } from './post-start.ts'
import { podIPsOf } from '../containers/sources.ts'
import { startContainer } from './start-container.ts'
import { StartError } from './start-error.ts'
import { tellFailedStart } from './tell-start.ts'
import { isLeaving } from '../allocation/still-wanted.ts'

type Starts = Extract<PodDecision, { kind: 'run' }>['starts']

/**
 * Starts what is to start, as long as the pod is not to end; one that fails does not keep the
 * others from starting. Gives the failures by container name.
 */
export async function startContainers(
  context: NodeContext,
  pod: Pod,
  starts: Starts,
): Promise<ReadonlyMap<string, StartError>> {
  const uid = pod.metadata.uid ?? ''
  const failures = new Map<string, StartError>()
  for (const start of starts) {
    if (isLeaving(context, pod)) break
    const { previous, container } = start
    const now = context.now().getTime()
    const waiting = context.startRetries.waiting(uid, container.name, now)
    if (waiting !== undefined) {
      failures.set(container.name, waiting.error)
      continue
    }
    if (
      previous?.finishedAt !== undefined &&
      !context.checkpoint.restarting(uid).has(previous.id)
    ) {
      context.backOffs.lengthen(uid, container.name, previous.finishedAt, now)
    }
    try {
      await context.startTurns.run(() => startContainer(context, pod, start))
      context.startRetries.reset(uid, container.name)
      context.probes.follow(pod, podIPsOf(context, pod)[0])
      const latest = latestContainer(context.observed.get(uid), container.name)
      if (latest?.state === 'running') await postStart(context, pod, container, latest.id)
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      failures.set(container.name, error)
      tellFailedStart(context, pod, container.name, error)
      if (!error.cgroup) continue
      context.startRetries.failed(uid, container.name, error, context.now().getTime())
    }
  }
  return failures
}
