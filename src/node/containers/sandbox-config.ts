import { join } from 'node:path'
import type { DnsConfig } from '../../domain/lifecycle/dns.ts'
import { hostnameOf } from '../../domain/lifecycle/hosts-file.ts'
import { identityOf, namespacesOf } from '../../domain/security.ts'
import { hostPortsOf } from '../../domain/host-ports.ts'
import type { Pod, PodSpec } from '../../domain/pod.ts'
import { runtimeLabels } from '../runtime/labels.ts'
import type { PortMapping, SandboxConfig } from '../runtime/runtime-sandbox.ts'

export interface SandboxPlace {
  readonly attempt: number
  /** As the runtime wants it: a path for cgroupfs, a slice name for systemd. */
  readonly cgroupParent: string
  /** The directory of all pods' logs. */
  readonly podLogs: string
  readonly instance: string
  /** Where it is not the node's own. */
  readonly dns?: DnsConfig | undefined
}

/** The sandbox of a pod, as a kubelet would ask for it. */
export function sandboxConfig(pod: Pod, place: SandboxPlace): SandboxConfig {
  const { metadata, spec } = pod
  const onHost = spec.hostNetwork === true
  const { runAsGroup, ...identity } = identityOf(spec)
  const privileged = spec.containers.some((one) => one.securityContext?.privileged === true)
  const sysctls = spec.securityContext?.sysctls ?? []
  return {
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace ?? 'default',
      uid: metadata.uid ?? '',
      attempt: place.attempt,
    },
    ...(onHost ? {} : { hostname: hostnameOf(metadata.name, spec) }),
    logDirectory: podLogDirectory(place.podLogs, pod),
    ...(onHost ? {} : portMappings(spec)),
    ...(place.dns === undefined ? {} : { dnsConfig: place.dns }),
    labels: runtimeLabels(pod, place.instance),
    annotations: { ...metadata.annotations },
    linux: {
      cgroupParent: place.cgroupParent,
      securityContext: {
        namespaceOptions: namespacesOf(spec),
        ...identity,
        // CRI refuses a group without a user.
        ...(identity.runAsUser === undefined || runAsGroup === undefined ? {} : { runAsGroup }),
        ...(privileged ? { privileged } : {}),
      },
      ...(sysctls.length === 0
        ? {}
        : { sysctls: Object.fromEntries(sysctls.map(({ name, value }) => [name, value])) }),
    },
  }
}

function portMappings(spec: PodSpec): Pick<SandboxConfig, 'portMappings'> {
  const ports = hostPortsOf(spec).map(
    ({ protocol = 'TCP', containerPort, hostPort, hostIP = '' }) => ({
      protocol: protocol as PortMapping['protocol'],
      containerPort,
      hostPort,
      ...(hostIP === '' ? {} : { hostIp: hostIP }),
    }),
  )
  return ports.length === 0 ? {} : { portMappings: ports }
}

/** `NAMESPACE_NAME_UID` below `podLogs`, as a kubelet names it. */
export function podLogDirectory(podLogs: string, { metadata }: Pod): string {
  return join(podLogs, `${metadata.namespace ?? 'default'}_${metadata.name}_${metadata.uid}`)
}

/** The log file of one run of a container, below the pod's log directory. */
export function containerLogPath(container: string, attempt: number): string {
  return join(container, `${attempt}.log`)
}

/** The same with the directory. */
export function containerLogFile(
  podLogs: string,
  pod: Pod,
  container: string,
  attempt: number,
): string {
  return join(podLogDirectory(podLogs, pod), containerLogPath(container, attempt))
}
