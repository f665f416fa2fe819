import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  NamespaceMode,
  SecurityProfile_ProfileType as ProfileType,
  SupplementalGroupsPolicy,
  type LinuxContainerSecurityContextSchema,
  type LinuxSandboxSecurityContextSchema,
  type NamespaceOptionSchema,
  type SecurityProfileSchema,
} from '../generated/runtime/v1/security_pb.ts'

/**
 * Whose namespace a process joins. Kubernetes asks for network and ipc `pod`
 * (or `node` with hostNetwork and hostIPC) and for pid `container` (or `pod`,
 * `node`).
 */
export type NamespaceChoice = 'pod' | 'container' | 'node' | 'target'

export interface NamespaceOptions {
  /** @default 'pod' */
  readonly network?: NamespaceChoice
  /** @default 'container', as Kubernetes has it (CRI's own default is pod) */
  readonly pid?: NamespaceChoice
  /** @default 'pod' */
  readonly ipc?: NamespaceChoice
  /** The container whose namespace `target` means. */
  readonly targetId?: string
}

/** A seccomp or AppArmor profile. */
export type SecurityProfile =
  | { readonly kind: 'runtimeDefault' }
  | { readonly kind: 'unconfined' }
  | { readonly kind: 'localhost'; readonly ref: string }

/** What sandboxes and containers have in common. */
export interface SecurityContext {
  readonly namespaceOptions?: NamespaceOptions
  readonly runAsUser?: number
  /** Needs `runAsUser` (or `runAsUsername`): the runtime refuses it alone. */
  readonly runAsGroup?: number
  readonly readonlyRootfs?: boolean
  readonly supplementalGroups?: readonly number[]
  /** @default 'merge', with the groups that the image gives the user */
  readonly supplementalGroupsPolicy?: 'merge' | 'strict'
  readonly privileged?: boolean
  readonly seccomp?: SecurityProfile
  readonly apparmor?: SecurityProfile
}

export interface ContainerSecurityContext extends SecurityContext {
  readonly runAsUsername?: string
  readonly capabilities?: {
    readonly add?: readonly string[]
    readonly drop?: readonly string[]
  }
  readonly noNewPrivs?: boolean
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
}

const modes: Record<NamespaceChoice, NamespaceMode> = {
  pod: NamespaceMode.POD,
  container: NamespaceMode.CONTAINER,
  node: NamespaceMode.NODE,
  target: NamespaceMode.TARGET,
}

function namespacesToWire(
  options: NamespaceOptions = {},
): MessageInitShape<typeof NamespaceOptionSchema> {
  return {
    network: modes[options.network ?? 'pod'],
    pid: modes[options.pid ?? 'container'],
    ipc: modes[options.ipc ?? 'pod'],
    targetId: options.targetId ?? '',
  }
}

function profileToWire(profile: SecurityProfile): MessageInitShape<typeof SecurityProfileSchema> {
  switch (profile.kind) {
    case 'runtimeDefault':
      return { profileType: ProfileType.RuntimeDefault }
    case 'unconfined':
      return { profileType: ProfileType.Unconfined }
    case 'localhost':
      return { profileType: ProfileType.Localhost, localhostRef: profile.ref }
    default:
      return profile satisfies never
  }
}

function commonToWire(context: SecurityContext) {
  const { runAsUser, runAsGroup, seccomp, apparmor } = context
  return {
    namespaceOptions: namespacesToWire(context.namespaceOptions),
    ...(runAsUser === undefined ? {} : { runAsUser: { value: BigInt(runAsUser) } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(runAsGroup) } }),
    readonlyRootfs: context.readonlyRootfs ?? false,
    supplementalGroups: (context.supplementalGroups ?? []).map(BigInt),
    supplementalGroupsPolicy:
      context.supplementalGroupsPolicy === 'strict'
        ? SupplementalGroupsPolicy.Strict
        : SupplementalGroupsPolicy.Merge,
    privileged: context.privileged ?? false,
    ...(seccomp === undefined ? {} : { seccomp: profileToWire(seccomp) }),
    ...(apparmor === undefined ? {} : { apparmor: profileToWire(apparmor) }),
  }
}

export function sandboxSecurityToWire(
  context: SecurityContext = {},
): MessageInitShape<typeof LinuxSandboxSecurityContextSchema> {
  return commonToWire(context)
}

export function containerSecurityToWire(
  context: ContainerSecurityContext = {},
): MessageInitShape<typeof LinuxContainerSecurityContextSchema> {
  return {
    ...commonToWire(context),
    runAsUsername: context.runAsUsername ?? '',
    capabilities: {
      addCapabilities: [...(context.capabilities?.add ?? [])],
      dropCapabilities: [...(context.capabilities?.drop ?? [])],
    },
    noNewPrivs: context.noNewPrivs ?? false,
    maskedPaths: [...(context.maskedPaths ?? [])],
    readonlyPaths: [...(context.readonlyPaths ?? [])],
  }
}
