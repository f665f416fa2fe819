import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes the logs of a pod by its UID: of a pod that the API has no more nobody knows the name.
 *
 * @param podLogs the directory of all pods' logs, each pod's in `NAMESPACE_NAME_UID`.
 */
export async function removePodLogs(podLogs: string, uid: string): Promise<void> {
  const names = await readdir(podLogs).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter((one) => one.endsWith(`_${uid}`))) {
    await rm(join(podLogs, name), { recursive: true, force: true })
  }
}
