import type { PodSpec } from '../pod.ts'

export interface DnsConfig {
  readonly servers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

/**
 * The resolver of a pod where it is not simply the node's own: `None` has only
 * what the pod says, the other policies add that to the node's. There is no DNS
 * of a cluster here, so `ClusterFirst` is `Default`, as with a kubelet that knows none.
 *
 * @param nodeFile the text of the node's resolv.conf
 */
export function dnsOf({ dnsPolicy, dnsConfig }: PodSpec, nodeFile: string): DnsConfig | undefined {
  if (dnsPolicy !== 'None' && dnsConfig === undefined) return undefined
  const node = dnsPolicy === 'None' ? parseResolver('') : parseResolver(nodeFile)
  const options = (dnsConfig?.options ?? []).map(({ name = '', value }) =>
    value === undefined ? name : `${name}:${value}`,
  )
  const names = new Set(options.map(nameOf))
  return {
    servers: unique([...node.servers, ...(dnsConfig?.nameservers ?? [])]),
    searches: unique([...node.searches, ...(dnsConfig?.searches ?? [])]),
    options: [...node.options.filter((one) => !names.has(nameOf(one))), ...options],
  }
}

/** What a resolv.conf says; of several search lines the last one holds. */
function parseResolver(text: string): DnsConfig {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const values = (key: string) => lines.filter(([first]) => first === key)
  return {
    servers: values('nameserver').flatMap(([, server]) => (server === undefined ? [] : [server])),
    searches: values('search').at(-1)?.slice(1) ?? [],
    options: values('options').flatMap(([, ...options]) => options),
  }
}

function nameOf(option: string): string {
  return option.split(':', 1)[0] ?? ''
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)]
}
