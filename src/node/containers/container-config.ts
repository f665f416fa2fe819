import { expand } from '../../domain/lifecycle/expand.ts'
import type { Variable } from '../../domain/lifecycle/environment.ts'
import {
  appArmorOf,
  identityOf,
  maskedPaths,
  namespacesOf,
  readonlyPaths,
  seccompOf,
} from '../../domain/security.ts'
import type { Container, Pod } from '../../domain/pod.ts'
import { runtimeAnnotations, runtimeLabels } from '../runtime/labels.ts'
import type { ContainerConfig, LinuxResources, Mount } from '../runtime/runtime-container.ts'
import { containerLogPath } from './sandbox-config.ts'

export interface ContainerPlace {
  readonly attempt: number
  readonly instance: string
  readonly resources: LinuxResources
  readonly variables: readonly Variable[]
  readonly mounts: readonly Mount[]
  /** Where `Localhost` seccomp profiles are. */
  readonly seccompDir: string
}

/** One container, as a kubelet would ask for it. */
export function containerConfig(
  pod: Pod,
  container: Container,
  place: ContainerPlace,
): ContainerConfig {
  const variables = new Map(place.variables.map(({ key, value }) => [key, value]))
  const expanded = (words: readonly string[]): string[] =>
    words.map((word) => expand(word, variables))
  return {
    metadata: { name: container.name, attempt: place.attempt },
    image: container.image ?? '',
    ...(container.command === undefined ? {} : { command: expanded(container.command) }),
    ...(container.args === undefined ? {} : { args: expanded(container.args) }),
    ...(container.workingDir === undefined ? {} : { workingDir: container.workingDir }),
    envs: place.variables,
    mounts: place.mounts,
    labels: runtimeLabels(pod, place.instance, container.name),
    annotations: runtimeAnnotations(container),
    logPath: containerLogPath(container.name, place.attempt),
    stdin: container.stdin === true,
    stdinOnce: container.stdinOnce === true,
    tty: container.tty === true,
    linux: {
      resources: place.resources,
      securityContext: securityContext(pod, container, place.seccompDir),
    },
  }
}

function securityContext(
  { spec }: Pod,
  container: Container,
  seccompDir: string,
): ContainerConfig['linux']['securityContext'] {
  const own = container.securityContext ?? {}
  const { runAsGroup, ...identity } = identityOf(spec, container)
  const privileged = own.privileged === true
  const unmasked = privileged || own.procMount === 'Unmasked'
  const apparmor = appArmorOf(spec, container)
  return {
    namespaceOptions: namespacesOf(spec),
    ...identity,
    // CRI refuses a group without a user.
    ...(identity.runAsUser === undefined || runAsGroup === undefined ? {} : { runAsGroup }),
    ...(privileged ? { privileged } : {}),
    ...(own.readOnlyRootFilesystem === true ? { readonlyRootfs: true } : {}),
    ...(own.allowPrivilegeEscalation === false ? { noNewPrivs: true } : {}),
    ...(own.capabilities === undefined ? {} : { capabilities: own.capabilities }),
    ...(apparmor === undefined ? {} : { apparmor }),
    ...(privileged
      ? {}
      : {
          seccomp: seccompOf(
            own.seccompProfile ?? spec.securityContext?.seccompProfile,
            seccompDir,
          ),
        }),
    ...(unmasked ? {} : { maskedPaths, readonlyPaths }),
  }
}
