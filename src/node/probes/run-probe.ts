import type { Container, ContainerPort } from '../../domain/pod.ts'
import type { Probe } from '../../domain/pod/probe.ts'
import { type ProbeOutcome, timingOf } from '../../domain/probe/probe-state.ts'
import type { ContainerRuntime } from '../runtime/container-runtime.ts'
import { probeExec } from './exec-probe.ts'
import { probeGrpc } from './grpc-probe.ts'
import { httpTarget, probeHttp } from './http-probe.ts'
import { probeTcp } from './tcp-probe.ts'

export interface ProbeTarget {
  readonly runtime: Pick<ContainerRuntime, 'execSync'>
  readonly container: Container
  readonly containerId: string
  /** False when the container has ended meanwhile: what it answered does not count. */
  readonly isRunning: () => boolean
  /** The pod's address; undefined while it has none. */
  readonly address: string | undefined
}

/** Asks once, in whatever way the probe says. Never rejects. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeOutcome> {
  const { timeoutSeconds } = timingOf(probe)
  const timeoutMs = timeoutSeconds * 1000
  const { container, address } = target
  if (probe.exec !== undefined) {
    const command = probe.exec.command ?? []
    return probeExec(target.runtime, target.containerId, command, timeoutSeconds)
  }
  if (address === undefined) return { kind: 'unknown', message: 'the pod has no address' }
  try {
    if (probe.httpGet !== undefined) {
      const port = portNumber(probe.httpGet.port, container.ports)
      return await probeHttp(httpTarget(probe.httpGet, address, port), timeoutMs)
    }
    if (probe.tcpSocket !== undefined) {
      const { host, port } = probe.tcpSocket
      return await probeTcp(host || address, portNumber(port, container.ports), timeoutMs)
    }
    const { port = 0, service = '' } = probe.grpc ?? {}
    const host = address.includes(':') ? `[${address}]` : address
    return await probeGrpc(`${host}:${port}`, service, timeoutMs)
  } catch (error) {
    return { kind: 'unknown', message: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * A port by number or by the name that the container gives it.
 *
 * @throws RangeError if the container has no port of that name.
 */
export function portNumber(port: number | string, ports: readonly ContainerPort[] = []): number {
  const number = Number(port)
  if (Number.isInteger(number)) return number
  const named = ports.find(({ name }) => name === port)
  if (named === undefined)
    throw new RangeError(`Cannot find port ${port}: the container has no port of that name`)
  return named.containerPort
}
