import type { Connection } from './connection/connection.ts'
import { isCriError } from './connection/cri-error.ts'
import { Tasks } from './generated/containerd/services/tasks/v1/tasks_pb.ts'

const header = { 'containerd-namespace': 'k8s.io' }
const sigkill = 9

/**
 * Removes something by `remove`, which may fail because of a task that containerd's
 * CRI plugin takes for ended: one whose start was broken off at a bad moment, by a
 * caller that died. CRI has no way to end it (1.6), so containerd itself is asked.
 *
 * @throws CriError
 */
export async function removeWithLostTask(
  connection: Connection,
  remove: () => Promise<void>,
): Promise<void> {
  try {
    await remove()
  } catch (error) {
    const id = lostTask(error)
    if (id === undefined) throw error
    await endTask(connection, id)
    await remove()
  }
}

function lostTask(error: unknown): string | undefined {
  return isCriError(error)
    ? /cannot delete running task ([0-9a-f]+)/.exec(error.message)?.[1]
    : undefined
}

async function endTask({ unary, deadlines }: Connection, containerId: string): Promise<void> {
  const { change } = deadlines
  const kill = { containerId, signal: sigkill, all: true }
  await unary(Tasks.method.kill, kill, change, {}, header).catch(ignoreEnded)
  await unary(Tasks.method.wait, { containerId }, change, {}, header).catch(ignoreEnded)
  await unary(Tasks.method.delete, { containerId }, change, {}, header).catch(ignoreEnded)
}

/** It may end by itself meanwhile. */
function ignoreEnded(error: unknown): void {
  if (!isCriError(error, 'notFound')) throw error
}
