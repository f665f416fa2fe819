import { containersToKill } from '../../domain/lifecycle/kills.ts'
import type { Pod } from '../../domain/pod.ts'
import { killContainer } from './kill-container.ts'
import type { NodeContext } from '../node-context.ts'
import { podHealth } from '../probes/pod-health.ts'
import { restartContainer } from './restart-container.ts'

/** Ends the containers that their probes have given up or whose image is another one now. */
export async function killFailed(context: NodeContext, pod: Pod): Promise<void> {
  const uid = pod.metadata.uid ?? ''
  const kills = containersToKill(pod.spec, context.observed.get(uid), podHealth(context, pod))
  await Promise.all(
    kills.map((kill) => (kill.restarts ? restartContainer : killContainer)(context, pod, kill)),
  )
}
