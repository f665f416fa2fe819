import { invalid as invalidField } from '../../domain/field-error.ts'
import { atLeast, type KubeVersion } from '../../domain/kube-version.ts'
import type { Call } from '../call.ts'
import type { KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { numberAt } from '../schema/read-json.ts'
import { internalError, invalid, type StatusError } from '../status-error.ts'
import {
  clusterIps,
  hasClusterIp,
  hasNodePorts,
  headless,
  isChecked,
  portsOf,
  serviceSpec,
  withServiceSpec,
} from './service-view.ts'

/** Where the addresses of services are from; `.0.1` is the API server's. */
const network = '10.96'
const range = `${network}.0.0/16`
/** The address of the service `kubernetes`. */
export const firstClusterIp = `${network}.0.1`
const nodePorts = { first: 30_000, last: 32_767 }

/**
 * Gives a service the address and the ports of the nodes that it needs and does not name.
 * Nothing answers there: podfit keeps services, it does not route to them. To be called while
 * the write is being decided, so that nothing is given twice.
 *
 * @throws StatusError 422 when it names what another one has, or what is out of range.
 */
export function allocate(service: KubeObject, call: Call): KubeObject {
  const { name, namespace } = service.metadata
  const others = call.server.store
    .listLatest('services', '')
    .filter(({ key }) => key !== `${namespace}/${name}`)
    .map(({ object }) => serviceSpec(object))
  const refuse = (field: string, value: unknown, why: string): StatusError =>
    invalid(call.target.kind, name, [invalidField(field, value, why)])
  return withServiceSpec(
    service,
    withPorts(withAddress(call, serviceSpec(service), others, refuse), others, refuse),
  )
}

type Refuse = (field: string, value: unknown, why: string) => StatusError

function withAddress(
  { server }: Call,
  spec: JsonObject,
  others: readonly JsonObject[],
  refuse: Refuse,
): JsonObject {
  if (!hasClusterIp(spec)) return spec
  const [wanted] = clusterIps(spec)
  if (wanted === headless) return spec
  const taken = new Set(others.flatMap(clusterIps))
  if (wanted === undefined) {
    const found = freeAddress(taken)
    if (found === undefined) throw internalError('failed to allocate a serviceIP: range is full')
    return { ...spec, clusterIP: found, clusterIPs: [found] }
  }
  const obstacle = addressObstacle(wanted, taken, server.version)
  if (obstacle === undefined) return spec
  throw refuse('spec.clusterIPs', [wanted], `failed to allocate IP ${wanted}: ${obstacle}`)
}

/** Since there may be several ranges (1.33), Kubernetes no longer names the one that was missed. */
function addressObstacle(
  wanted: string,
  taken: ReadonlySet<string>,
  version: KubeVersion,
): string | undefined {
  const isElsewhere = !wanted.startsWith(`${network}.`)
  if (isElsewhere && atLeast(version, '1.33')) {
    return 'the provided network does not match the current range'
  }
  if (isElsewhere || /\.(0\.0|255\.255)$/.test(wanted)) {
    return `the provided IP (${wanted}) is not in the valid range. The range of valid IPs is ${range}`
  }
  return taken.has(wanted) ? 'provided IP is already allocated' : undefined
}

/** The first 256 are left to those who choose themselves, as Kubernetes does. */
function freeAddress(taken: ReadonlySet<string>): string | undefined {
  for (let number = 256; number < 65_535; number += 1) {
    const address = `${network}.${number >> 8}.${number & 255}`
    if (!taken.has(address)) return address
  }
  return undefined
}

function withPorts(spec: JsonObject, others: readonly JsonObject[], refuse: Refuse): JsonObject {
  const taken = new Set(
    others.flatMap((other) => [...portsOf(other).map(nodePortOf), healthPortOf(other)]),
  )
  const opened = hasNodePorts(spec) ? withNodePorts(spec, taken, refuse) : spec
  if (!isChecked(opened)) return opened
  const wanted = healthPortOf(opened)
  if (wanted === 0) return { ...opened, healthCheckNodePort: freePort(taken) }
  checkFree(wanted, 'spec.healthCheckNodePort', taken, refuse)
  return opened
}

function withNodePorts(spec: JsonObject, taken: Set<number>, refuse: Refuse): JsonObject {
  const ports = portsOf(spec)
  for (const [index, port] of ports.entries()) {
    checkFree(nodePortOf(port), `spec.ports[${index}].nodePort`, taken, refuse)
  }
  for (const port of ports) taken.add(nodePortOf(port))
  const withOne = (port: JsonObject) =>
    nodePortOf(port) === 0 ? { ...port, nodePort: freePort(taken) } : port
  return { ...spec, ports: ports.map(withOne) }
}

/** 0 asks for any. */
function checkFree(
  wanted: number,
  field: string,
  taken: ReadonlySet<number>,
  refuse: Refuse,
): void {
  if (wanted === 0) return
  if (wanted < nodePorts.first || wanted > nodePorts.last) {
    const valid = `${nodePorts.first}-${nodePorts.last}`
    const why = `provided port is not in the valid range. The range of valid ports is ${valid}`
    throw refuse(field, wanted, why)
  }
  if (taken.has(wanted)) throw refuse(field, wanted, 'provided port is already allocated')
}

function freePort(taken: Set<number>): number {
  for (let port = nodePorts.first; port <= nodePorts.last; port += 1) {
    if (taken.has(port)) continue
    taken.add(port)
    return port
  }
  throw internalError('failed to allocate a nodePort: range is full')
}

function healthPortOf(spec: JsonObject): number {
  return numberAt(spec, 'healthCheckNodePort')
}

function nodePortOf(port: JsonObject): number {
  return numberAt(port, 'nodePort')
}
