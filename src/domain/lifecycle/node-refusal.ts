import type { PodSpec } from '../pod.ts'

/** Kernel settings that a pod has for itself and that do no harm to others (kubelet's safe set). */
const safeSysctls = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
])

/** Why this node does not run a pod at all, whatever room there is; undefined if it does. */
export function nodeRefusal(
  spec: PodSpec,
): { readonly reason: string; readonly message: string } | undefined {
  const unsafe = spec.securityContext?.sysctls?.find(({ name }) => !safeSysctls.has(name))
  if (unsafe !== undefined) {
    return {
      reason: 'SysctlForbidden',
      message: `forbidden sysctl: "${unsafe.name}" not allowlisted`,
    }
  }
  if (spec.hostNetwork === true) return undefined
  const mapped = [...(spec.initContainers ?? []), ...spec.containers]
    .flatMap(({ name, ports = [] }) => ports.map((port) => ({ name, ...port })))
    .find(({ hostPort = 0 }) => hostPort !== 0)
  if (mapped === undefined) return undefined
  return {
    reason: 'HostPortUnsupported',
    message: `container ${mapped.name} asks for host port ${mapped.hostPort}: this node maps no ports; use hostNetwork or kubectl port-forward`,
  }
}
