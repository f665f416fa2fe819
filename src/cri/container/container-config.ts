import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  MountPropagation,
  type ContainerConfigSchema,
} from '../generated/runtime/v1/container_pb.ts'
import { linuxResourcesToWire, type LinuxContainerResources } from '../linux/linux-resources.ts'
import {
  containerSecurityToWire,
  type ContainerSecurityContext,
} from '../linux/security-context.ts'

/** What a container is called; unique within its sandbox. */
export interface ContainerMetadata {
  readonly name: string
  /** 0 for the first run of the container, one more for each restart. */
  readonly attempt: number
}

export interface Mount {
  readonly containerPath: string
  /** Must exist; a symbolic link is followed. */
  readonly hostPath: string
  readonly readonly?: boolean
  /** @default 'private' */
  readonly propagation?: 'private' | 'hostToContainer' | 'bidirectional'
  /** Needs `readonly` and private propagation. */
  readonly recursiveReadOnly?: boolean
  readonly selinuxRelabel?: boolean
}

export interface Device {
  readonly containerPath: string
  readonly hostPath: string
  /** Any of r, w, m. */
  readonly permissions: string
}

export interface ContainerConfig {
  readonly metadata: ContainerMetadata
  /** A name or an id of an image that the runtime has. */
  readonly image: string
  /** Replaces the image's entrypoint; absent or empty keeps it. */
  readonly command?: readonly string[]
  /** Replaces the image's command; absent or empty keeps it if `command` is absent too. */
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly envs?: readonly { readonly key: string; readonly value: string }[]
  readonly mounts?: readonly Mount[]
  readonly devices?: readonly Device[]
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Below the sandbox's log directory; its directory must exist. */
  readonly logPath?: string
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
  readonly linux?: {
    readonly resources?: LinuxContainerResources
    readonly securityContext?: ContainerSecurityContext
  }
}

const propagations = {
  private: MountPropagation.PROPAGATION_PRIVATE,
  hostToContainer: MountPropagation.PROPAGATION_HOST_TO_CONTAINER,
  bidirectional: MountPropagation.PROPAGATION_BIDIRECTIONAL,
} as const

function mountToWire(mount: Mount) {
  return {
    containerPath: mount.containerPath,
    hostPath: mount.hostPath,
    readonly: mount.readonly ?? false,
    propagation: propagations[mount.propagation ?? 'private'],
    recursiveReadOnly: mount.recursiveReadOnly ?? false,
    selinuxRelabel: mount.selinuxRelabel ?? false,
  }
}

export function containerConfigToWire(
  config: ContainerConfig,
): MessageInitShape<typeof ContainerConfigSchema> {
  return {
    metadata: { ...config.metadata },
    image: { image: config.image },
    command: [...(config.command ?? [])],
    args: [...(config.args ?? [])],
    workingDir: config.workingDir ?? '',
    envs: (config.envs ?? []).map(({ key, value }) => ({ key, value })),
    mounts: (config.mounts ?? []).map(mountToWire),
    devices: (config.devices ?? []).map((device) => ({ ...device })),
    labels: { ...config.labels },
    annotations: { ...config.annotations },
    logPath: config.logPath ?? '',
    stdin: config.stdin ?? false,
    stdinOnce: config.stdinOnce ?? false,
    tty: config.tty ?? false,
    linux: {
      resources: linuxResourcesToWire(config.linux?.resources ?? {}),
      securityContext: containerSecurityToWire(config.linux?.securityContext),
    },
  }
}
