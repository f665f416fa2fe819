import type { Container, Pod, PodSpec } from './pod.ts'
import type { AppArmorProfile, SeccompProfile } from './pod/security-context.ts'

/** The user that an image runs as, by number or by name; both absent is root. */
export interface ImageUser {
  readonly uid?: number
  readonly username?: string
}

/** What is hidden or cannot be written below /proc and /sys (moby's and Kubernetes' defaults). */
export const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]

export const readonlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
]

/** Whose namespaces the pod's processes join. */
export function namespacesOf(spec: PodSpec) {
  const sharedPid = spec.shareProcessNamespace === true ? 'pod' : 'container'
  return {
    network: spec.hostNetwork === true ? 'node' : 'pod',
    pid: spec.hostPID === true ? 'node' : sharedPid,
    ipc: spec.hostIPC === true ? 'node' : 'pod',
  } as const
}

/** User and groups: the container's own where it has them, else the pod's. */
export function identityOf({ securityContext: pod = {} }: PodSpec, container?: Container) {
  const own = container?.securityContext ?? {}
  const runAsUser = own.runAsUser ?? pod.runAsUser
  const runAsGroup = own.runAsGroup ?? pod.runAsGroup
  const groups = [
    ...(pod.supplementalGroups ?? []),
    ...(pod.fsGroup === undefined ? [] : [pod.fsGroup]),
  ]
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(groups.length === 0 ? {} : { supplementalGroups: groups }),
    ...(pod.supplementalGroupsPolicy === 'Strict'
      ? { supplementalGroupsPolicy: 'strict' as const }
      : {}),
  }
}

/**
 * Why a container that must not run as root may not start; undefined if it may.
 *
 * @see kubelet's verifyRunAsNonRoot.
 */
export function rootRefusal(
  { metadata, spec }: Pod,
  container: Container,
  image: ImageUser,
): string | undefined {
  const own = container.securityContext ?? {}
  if ((own.runAsNonRoot ?? spec.securityContext?.runAsNonRoot) !== true) return undefined
  const where = `(pod: "${metadata.name}_${metadata.namespace ?? 'default'}(${metadata.uid})", container: ${container.name})`
  const user = own.runAsUser ?? spec.securityContext?.runAsUser
  if (user !== undefined) {
    return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined
  }
  if (image.uid === undefined && image.username !== undefined) {
    return `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`
  }
  if ((image.uid ?? 0) !== 0) return undefined
  return `container has runAsNonRoot and image will run as root ${where}`
}

/** How system calls are filtered: not at all unless the pod asks for it, as with a kubelet. */
export function seccompOf(profile: SeccompProfile | undefined, profilesDir: string) {
  switch (profile?.type ?? 'Unconfined') {
    case 'RuntimeDefault':
      return { kind: 'runtimeDefault' } as const
    case 'Localhost':
      return {
        kind: 'localhost',
        ref: `${profilesDir}/${profile?.localhostProfile ?? ''}`,
      } as const
    default:
      return { kind: 'unconfined' } as const
  }
}

/**
 * The AppArmor profile of a container: its own, else the pod's; undefined leaves it to the
 * runtime, which has a default where the kernel has AppArmor.
 */
export function appArmorOf({ securityContext: pod = {} }: PodSpec, container: Container) {
  const profile = container.securityContext?.appArmorProfile ?? pod.appArmorProfile
  return profile === undefined ? undefined : appArmorProfile(profile)
}

function appArmorProfile({ type, localhostProfile = '' }: AppArmorProfile) {
  switch (type) {
    case 'RuntimeDefault':
      return { kind: 'runtimeDefault' } as const
    case 'Localhost':
      return { kind: 'localhost', ref: localhostProfile } as const
    default:
      return { kind: 'unconfined' } as const
  }
}
