import { allContainers, type Pod } from '../../domain/pod.ts'
import type { NodeContext } from '../node-context.ts'
import { removeLog } from '../logs/rotate-log.ts'
import { containerLogFile } from '../containers/sandbox-config.ts'

/**
 * Removes the pod's containers that are of no use any more, with their logs: of those of one
 * name that ended only the last one is, for its log and its exit code.
 *
 * @throws the runtime's error; trying again is safe.
 */
export async function removeOldContainers(
  { runtime, observed, podLogs }: Pick<NodeContext, 'runtime' | 'observed' | 'podLogs'>,
  pod: Pod,
): Promise<void> {
  const uid = pod.metadata.uid ?? ''
  for (const { name } of allContainers(pod.spec)) {
    const [, , ...older] = observed.get(uid).containers.filter((one) => one.name === name)
    for (const { id, attempt } of older) {
      await runtime.removeContainer(id)
      await removeLog(containerLogFile(podLogs, pod, name, attempt))
      await observed.refreshContainer(uid, id)
    }
  }
}
