import { hostPortsOf } from '../../host-ports.ts'
import { allContainers, type PodSpec } from '../../pod.ts'
import { appArmorOf } from '../../security.ts'

/** What a pod may ask of a node beside room. */
export interface NodeOffer {
  /** Whether the kernel enforces AppArmor profiles. */
  readonly appArmor: boolean
  /** Why no port of the node can be led to a pod. @default it can */
  readonly noHostPorts?: string
}

export interface NodeRefusal {
  readonly reason: string
  readonly message: string
}

type Namespace = 'ipc' | 'net'

/** Kernel settings that a pod has for itself and that do no harm to others (kubelet's safe set). */
const safeSysctls: ReadonlyMap<string, Namespace> = new Map([
  ['kernel.shm_rmid_forced', 'ipc'],
  ['net.ipv4.ip_local_port_range', 'net'],
  ['net.ipv4.ip_local_reserved_ports', 'net'],
  ['net.ipv4.ip_unprivileged_port_start', 'net'],
  ['net.ipv4.ping_group_range', 'net'],
  ['net.ipv4.tcp_fin_timeout', 'net'],
  ['net.ipv4.tcp_keepalive_intvl', 'net'],
  ['net.ipv4.tcp_keepalive_probes', 'net'],
  ['net.ipv4.tcp_keepalive_time', 'net'],
  ['net.ipv4.tcp_rmem', 'net'],
  ['net.ipv4.tcp_syncookies', 'net'],
  ['net.ipv4.tcp_wmem', 'net'],
])

/** Why this node does not run a pod at all, whatever room there is; undefined if it does. */
export function nodeRefusal(spec: PodSpec, node: NodeOffer): NodeRefusal | undefined {
  return (
    sysctlRefusal(spec) ??
    appArmorRefusal(spec, node) ??
    userNamespaceRefusal(spec) ??
    hostPortRefusal(spec, node)
  )
}

/** @see kubelet's pkg/kubelet/sysctl/allowlist.go */
function sysctlRefusal(spec: PodSpec): NodeRefusal | undefined {
  const shared = { ipc: spec.hostIPC === true, net: spec.hostNetwork === true }
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const namespace = safeSysctls.get(name.replaceAll('/', '.'))
    const problem = namespace === undefined ? 'not allowlisted' : undefined
    const onHost = namespace !== undefined && shared[namespace]
    const why = onHost ? `not allowed with host ${namespace} enabled` : problem
    if (why !== undefined) {
      return { reason: 'SysctlForbidden', message: `forbidden sysctl: "${name}" ${why}` }
    }
  }
  return undefined
}

/** @see kubelet's pkg/security/apparmor/validate.go */
function appArmorRefusal(spec: PodSpec, { appArmor }: NodeOffer): NodeRefusal | undefined {
  const all = allContainers(spec)
  const confined = all.some(
    (container) => (appArmorOf(spec, container)?.kind ?? 'unconfined') !== 'unconfined',
  )
  if (appArmor || !confined) return undefined
  return {
    reason: 'AppArmor',
    message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host',
  }
}

function userNamespaceRefusal({ hostUsers }: PodSpec): NodeRefusal | undefined {
  if (hostUsers !== false) return undefined
  return {
    reason: 'UserNamespaceUnsupported',
    message:
      'hostUsers is false, and this node gives pods no user namespace; leave hostUsers out and set runAsUser',
  }
}

function hostPortRefusal(spec: PodSpec, { noHostPorts }: NodeOffer): NodeRefusal | undefined {
  const [port] = hostPortsOf(spec)
  if (noHostPorts === undefined || port === undefined || spec.hostNetwork === true) return undefined
  return {
    reason: 'HostPortUnsupported',
    message: `this node cannot map host port ${port.hostPort}: ${noHostPorts}; or use hostNetwork or kubectl port-forward`,
  }
}
