import type { PodSpec } from '../pod.ts'

const head = '# Kubernetes-managed hosts file.\n'

/**
 * The /etc/hosts of a pod: its own names and aliases. A pod on the node's
 * network has the node's file instead, with its aliases below.
 *
 * @see kubelet's ensureHostsFile.
 */
export function hostsFile(
  spec: PodSpec,
  pod: { readonly hostname: string; readonly ips: readonly string[]; readonly nodeFile: string },
): string {
  const own =
    spec.hostNetwork === true
      ? `# Kubernetes-managed hosts file (host network).\n${pod.nodeFile}`
      : `${head}127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n${pod.ips.map((ip) => `${ip}\t${pod.hostname}\n`).join('')}`
  const aliases = spec.hostAliases ?? []
  if (aliases.length === 0) return own
  const lines = aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}\n`)
  return `${own}\n# Entries added by HostAliases.\n${lines.join('')}`
}

/** The host name of a pod's processes: 63 characters at most. */
export function hostnameOf(name: string, spec: PodSpec): string {
  return (spec.hostname ?? name).slice(0, 63).replace(/[-.]+$/, '')
}
