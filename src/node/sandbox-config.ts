import { join } from 'node:path'
import type { Pod } from '../domain/pod.ts'
import { runtimeLabels } from './labels.ts'
import type { SandboxConfig } from './runtime.ts'

export interface SandboxPlace {
  readonly attempt: number
  /** As the runtime wants it: a path for cgroupfs, a slice name for systemd. */
  readonly cgroupParent: string
  /** The directory of all pods' logs. */
  readonly podLogs: string
  readonly instance: string
}

/** The sandbox of a pod, as a kubelet would ask for it. */
export function sandboxConfig(pod: Pod, place: SandboxPlace): SandboxConfig {
  const { metadata, spec } = pod
  const onHost = spec.hostNetwork === true
  const user = spec.securityContext?.runAsUser
  const group = spec.securityContext?.runAsGroup
  const privileged = spec.containers.some((one) => one.securityContext?.privileged === true)
  return {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      uid: metadata.uid ?? '',
      attempt: place.attempt,
    },
    // A host name has 63 characters at most.
    ...(onHost ? {} : { hostname: (spec.hostname ?? metadata.name).slice(0, 63) }),
    logDirectory: podLogDirectory(place.podLogs, pod),
    labels: runtimeLabels(pod, place.instance),
    annotations: { ...metadata.annotations },
    linux: {
      cgroupParent: place.cgroupParent,
      securityContext: {
        namespaceOptions: { network: onHost ? 'node' : 'pod' },
        ...(user === undefined ? {} : { runAsUser: user }),
        ...(user === undefined || group === undefined ? {} : { runAsGroup: group }),
        ...(privileged ? { privileged } : {}),
      },
    },
  }
}

/** `NAMESPACE_NAME_UID` below `podLogs`, as a kubelet names it. */
export function podLogDirectory(podLogs: string, { metadata }: Pod): string {
  return join(podLogs, `${metadata.namespace ?? 'default'}_${metadata.name}_${metadata.uid}`)
}

/** The log file of one run of a container, below the pod's log directory. */
export function containerLogPath(container: string, attempt: number): string {
  return join(container, `${attempt}.log`)
}
