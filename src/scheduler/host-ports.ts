import type { ContainerPort, Pod } from '../domain/pod.ts'
import { isSidecar } from '../domain/pod.ts'

/** Whether a port of the node that the pod wants is taken by one of `others`. */
export function portsTaken(pod: Pod, others: readonly Pod[]): boolean {
  const wanted = hostPortsOf(pod)
  if (wanted.length === 0) return false
  const taken = others.flatMap(hostPortsOf)
  return wanted.some((port) => taken.some((other) => clash(port, other)))
}

function hostPortsOf({ spec }: Pod): readonly ContainerPort[] {
  const containers = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)]
  return containers.flatMap(({ ports = [] }) => ports.filter(({ hostPort = 0 }) => hostPort > 0))
}

function clash(a: ContainerPort, b: ContainerPort): boolean {
  if (a.hostPort !== b.hostPort || (a.protocol ?? 'TCP') !== (b.protocol ?? 'TCP')) return false
  const [one, other] = [addressOf(a), addressOf(b)]
  return one === other || one === everywhere || other === everywhere
}

const everywhere = '0.0.0.0'

function addressOf({ hostIP = '' }: ContainerPort): string {
  return hostIP === '' ? everywhere : hostIP
}
