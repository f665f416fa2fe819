import { expand } from '../../domain/lifecycle/expand.ts'
import type { Variable } from '../../domain/lifecycle/environment.ts'
import { isOfNode } from '../../domain/lifecycle/volume-files.ts'
import type { Container, Pod, VolumeMount } from '../../domain/pod.ts'
import { makeTerminationLog, terminationLog, writeHostsFile } from './container-files.ts'
import type { Mount } from '../runtime/runtime-container.ts'
import type { PodVolumes } from '../volumes/pod-volumes.ts'

export interface MountPlace {
  readonly volumes: PodVolumes
  readonly attempt: number
  readonly podIPs: readonly string[]
  readonly variables: readonly Variable[]
}

const hostsPath = '/etc/hosts'
const messagePath = '/dev/termination-log'

/**
 * What a container mounts: its volumes, /etc/hosts unless one of them is there,
 * and the file for its last words.
 *
 * @throws VolumeError
 */
export async function containerMounts(
  pod: Pod,
  container: Container,
  { volumes, attempt, podIPs, variables }: MountPlace,
): Promise<readonly Mount[]> {
  const podDir = volumes.podDir(pod.metadata.uid ?? '')
  const values = new Map(variables.map(({ key, value }) => [key, value]))
  const mounts: Mount[] = []
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const subPath = mount.subPath || expand(mount.subPathExpr ?? '', values)
    const key = `${container.name}/${index}`
    const hostPath = await volumes.source(pod, mount.name, subPath, key)
    mounts.push({ ...asMounted(pod, mount), hostPath })
  }
  const hosts = await writeHostsFile(podDir, pod, podIPs)
  if (mounts.every(({ containerPath }) => containerPath !== hostsPath)) {
    mounts.push({ containerPath: hostsPath, hostPath: hosts, readonly: false })
  }
  const log = terminationLog(podDir, container.name, attempt)
  await makeTerminationLog(log)
  const containerPath = container.terminationMessagePath ?? messagePath
  return [...mounts, { containerPath, hostPath: log, readonly: false }]
}

const propagations: Readonly<Record<string, Mount['propagation']>> = {
  HostToContainer: 'hostToContainer',
  Bidirectional: 'bidirectional',
}

/**
 * Files that the node writes cannot be written in the container: it could have the node remove
 * or write others in their place.
 *
 * @see CVE-2017-1002102
 */
function asMounted({ spec }: Pod, { name, mountPath, readOnly, mountPropagation }: VolumeMount) {
  const propagation = propagations[mountPropagation ?? '']
  const volume = spec.volumes?.find((one) => one.name === name)
  return {
    containerPath: mountPath,
    readonly: readOnly === true || (volume !== undefined && isOfNode(volume)),
    ...(propagation === undefined ? {} : { propagation }),
  }
}
