import { existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { errorCode } from '../../domain/error-code.ts'
import { homeDirectory } from '../home-directory.ts'
import {
  KubeconfigError,
  mergeKubeconfigs,
  readKubeconfig,
  type Kubeconfig,
} from './kubeconfig-file.ts'

export interface KubeconfigSearch {
  /** `--kubeconfig`: this file, or these, and no other. */
  readonly file?: string | readonly string[] | undefined
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Files to try after `$KUBECONFIG` and before `~/.kube/config`: that of a podfit on this machine. */
  readonly local?: readonly string[] | undefined
}

/**
 * The kubeconfig to use: the given files, else those of `$KUBECONFIG`, else the first there is
 * of `local` and `~/.kube/config`; one of `local` that is out of reach is told where there is no
 * other. `undefined` if there is none.
 *
 * @throws KubeconfigError if a file that was named cannot be read or used.
 */
export async function findKubeconfig(search: KubeconfigSearch): Promise<Kubeconfig | undefined> {
  const { file, env = process.env, local = [] } = search
  const given = [file ?? []].flat().filter((name) => name !== '')
  if (given.length > 0) return mergeKubeconfigs(await Promise.all(given.map(readKubeconfig)))
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((name) => name !== '')
  if (listed.length > 0) {
    const present = listed.filter((name) => !isMissing(name))
    if (present.length > 0) {
      return mergeKubeconfigs(await Promise.all(present.map(readKubeconfig)))
    }
    const message = `Cannot read the kubeconfig that $KUBECONFIG names: there is no file ${listed.join(' or ')}`
    throw new KubeconfigError(message)
  }
  const home = join(homeDirectory(env), '.kube', 'config')
  const found =
    [...local, home].find((name) => existsSync(name)) ?? local.find((name) => !isMissing(name))
  return found === undefined ? undefined : readKubeconfig(found)
}

/** What is there but out of this user's reach is not missing: reading it tells why. */
function isMissing(file: string): boolean {
  try {
    statSync(file)
    return false
  } catch (error) {
    return errorCode(error) === 'ENOENT'
  }
}
