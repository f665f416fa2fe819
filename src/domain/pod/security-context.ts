/** What processes of a pod may do, as core/v1 has it. */

export interface SeccompProfile {
  /** `RuntimeDefault`, `Unconfined` or `Localhost`. */
  readonly type: string
  readonly localhostProfile?: string
}

/** AppArmor's and seccomp's are written alike. */
export type AppArmorProfile = SeccompProfile

export interface ContainerSecurityContext {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly privileged?: boolean
  readonly readOnlyRootFilesystem?: boolean
  readonly allowPrivilegeEscalation?: boolean
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] }
  readonly seccompProfile?: SeccompProfile
  readonly appArmorProfile?: AppArmorProfile
  /** `Unmasked` shows all of /proc. */
  readonly procMount?: string
}

export interface PodSecurityContext {
  readonly runAsUser?: number
  readonly runAsGroup?: number
  readonly runAsNonRoot?: boolean
  readonly fsGroup?: number
  readonly supplementalGroups?: readonly number[]
  readonly supplementalGroupsPolicy?: string
  readonly seccompProfile?: SeccompProfile
  readonly appArmorProfile?: AppArmorProfile
  readonly sysctls?: readonly { readonly name: string; readonly value: string }[]
}
