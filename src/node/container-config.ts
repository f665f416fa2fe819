import { join } from 'node:path'
import { expand } from '../domain/lifecycle/expand.ts'
import type { Container, Pod } from '../domain/pod.ts'
import { runtimeLabels } from './labels.ts'
import type { ContainerConfig, LinuxResources, Mount } from './runtime.ts'
import { containerLogPath } from './sandbox-config.ts'
import { VolumeError, volumePath } from './volumes.ts'

export interface ContainerPlace {
  readonly attempt: number
  /** Where the pod's volumes are. */
  readonly podDir: string
  readonly instance: string
  readonly resources: LinuxResources
}

/**
 * One container, as a kubelet would ask for it.
 *
 * @throws VolumeError if a mount names a volume that the pod does not have.
 */
export function containerConfig(
  pod: Pod,
  container: Container,
  place: ContainerPlace,
): ContainerConfig {
  const envs = environment(container)
  const variables = new Map(envs.map(({ key, value }) => [key, value]))
  const expanded = (words: readonly string[]): string[] =>
    words.map((word) => expand(word, variables))
  return {
    metadata: { name: container.name, attempt: place.attempt },
    image: container.image ?? '',
    ...(container.command === undefined ? {} : { command: expanded(container.command) }),
    ...(container.args === undefined ? {} : { args: expanded(container.args) }),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    envs,
    mounts: mounts(pod, container, place.podDir),
    labels: runtimeLabels(pod, place.instance, container.name),
    logPath: containerLogPath(container.name, place.attempt),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: { resources: place.resources, securityContext: securityContext(pod, container) },
  }
}

/** Values may refer to variables before them: `$(NAME)`. */
function environment({ env = [] }: Container): { key: string; value: string }[] {
  const known = new Map<string, string>()
  return env.map(({ name, value = '' }) => {
    const expanded = expand(value, known)
    known.set(name, expanded)
    return { key: name, value: expanded }
  })
}

function mounts({ spec }: Pod, { name, volumeMounts = [] }: Container, podDir: string): Mount[] {
  return volumeMounts.map((mount) => {
    const volume = spec.volumes?.find((one) => one.name === mount.name)
    if (volume === undefined) {
      throw new VolumeError(`Cannot start container ${name}: the pod has no volume ${mount.name}`)
    }
    return {
      containerPath: mount.mountPath,
      hostPath: join(volumePath(podDir, volume), mount.subPath ?? ''),
      readonly: mount.readOnly === true,
    }
  })
}

function securityContext(
  { spec }: Pod,
  container: Container,
): ContainerConfig['linux']['securityContext'] {
  const own = container.securityContext ?? {}
  const user = own.runAsUser ?? spec.securityContext?.runAsUser
  const group = own.runAsGroup ?? spec.securityContext?.runAsGroup
  return {
    namespaceOptions: { network: spec.hostNetwork === true ? 'node' : 'pod' },
    ...(user === undefined ? {} : { runAsUser: user }),
    // CRI refuses a group without a user.
    ...(user === undefined || group === undefined ? {} : { runAsGroup: group }),
    ...(own.privileged === true ? { privileged: true } : {}),
    ...(own.readOnlyRootFilesystem === true ? { readonlyRootfs: true } : {}),
  }
}
