import type { EnvFromSource, EnvVarSource } from './env-source.ts'
import type { Lifecycle, Probe } from './probe.ts'
import type { ContainerResizePolicy, ResourceRequirements } from './resource-requirements.ts'
import type { ContainerSecurityContext } from './security-context.ts'
import type { VolumeMount } from './volume.ts'

export interface EnvVar {
  readonly name: string
  readonly value?: string
  readonly valueFrom?: EnvVarSource
}

export interface ContainerPort {
  readonly name?: string
  readonly containerPort: number
  readonly hostPort?: number
  readonly hostIP?: string
  readonly protocol?: string
}

export interface RestartRule {
  /** `Restart` */
  readonly action: string
  readonly exitCodes?: {
    /** `In` or `NotIn` */
    readonly operator: string
    readonly values?: readonly number[]
  }
}

export interface Container {
  readonly name: string
  readonly image?: string
  readonly imagePullPolicy?: string
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly workingDir?: string
  readonly env?: readonly EnvVar[]
  readonly envFrom?: readonly EnvFromSource[]
  readonly ports?: readonly ContainerPort[]
  readonly volumeMounts?: readonly VolumeMount[]
  readonly securityContext?: ContainerSecurityContext
  readonly lifecycle?: Lifecycle
  readonly startupProbe?: Probe
  readonly readinessProbe?: Probe
  readonly livenessProbe?: Probe
  /** @default /dev/termination-log */
  readonly terminationMessagePath?: string
  /** `File`, or `FallbackToLogsOnError`. */
  readonly terminationMessagePolicy?: string
  readonly stdin?: boolean
  readonly stdinOnce?: boolean
  readonly tty?: boolean
  /** `Always` on an init container makes it a sidecar (Kubernetes 1.29+). */
  readonly restartPolicy?: string
  /** Exit codes after which it starts again whatever the policy says (KEP-5307). */
  readonly restartPolicyRules?: readonly RestartRule[]
  readonly resources?: ResourceRequirements
  readonly resizePolicy?: readonly ContainerResizePolicy[]
}

/** Whether an init container keeps running beside the regular ones (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}
