import { decidePod, type PodDecision } from '../domain/lifecycle/decide.ts'
import type { Pod } from '../domain/pod.ts'
import type { NodeContext } from './node-context.ts'
import { podHealth } from './probes/pod-health.ts'

/**
 * What is to be done next for a pod that is meant to run, by what is known of it now.
 *
 * @param pod with the allocated resources in its spec.
 */
export function decideNext(context: NodeContext, pod: Pod): PodDecision {
  const { checkpoint, observed, backOffs, now } = context
  const uid = pod.metadata.uid ?? ''
  const health = [...podHealth(context, pod)]
  return decidePod(pod.spec, observed.get(uid), {
    backOffs: backOffs.of(uid),
    restarting: checkpoint.restarting(uid),
    starting: new Set(health.filter(([, { started }]) => !started).map(([id]) => id)),
    now: now().getTime(),
  })
}
