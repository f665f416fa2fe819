import { type ContainerPort, isSidecar, type Pod, type PodSpec } from './pod.ts'

/** A port of the node that a pod takes. */
export type HostPort = ContainerPort & { readonly hostPort: number }

/** The ports of the node that the pod takes while it runs; in the node's network, its own too. */
export function hostPortsOf(spec: PodSpec): readonly HostPort[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
  return containers.flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, ...port }) => (hostPort > 0 ? [{ ...port, hostPort }] : [])),
  )
}

/** The first port of the node that the pod wants and another one has; undefined if all are free. */
export function takenPort(
  { spec }: Pod,
  others: readonly Pod[],
): { readonly port: HostPort; readonly by: Pod } | undefined {
  for (const port of hostPortsOf(spec)) {
    const by = others.find((other) => hostPortsOf(other.spec).some((one) => clash(port, one)))
    if (by !== undefined) return { port, by }
  }
  return undefined
}

function clash(a: HostPort, b: HostPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol ?? 'TCP') !== (b.protocol ?? 'TCP')) return false
  const [one, other] = [addressOf(a), addressOf(b)]
  return one === other || one === everywhere || other === everywhere
}

const everywhere = '0.0.0.0'

function addressOf({ hostIP = '' }: ContainerPort): string {
  return hostIP === '' ? everywhere : hostIP
}
