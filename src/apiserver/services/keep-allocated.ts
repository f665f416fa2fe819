import { mapList } from '../admission/defaults/fill.ts'
import type { KubeObject } from '../kube-object.ts'
import type { JsonObject } from '../schema/json-value.ts'
import { numberAt, textAt, textsAt } from '../schema/read-json.ts'
import { withFamilies } from './ip-families.ts'
import {
  clusterIps,
  hasClusterIp,
  hasNodePorts,
  isChecked,
  isOpen,
  portsOf,
  serviceSpec,
  withServiceSpec,
} from './service-view.ts'

const addressFields = new Set(['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'])

/**
 * A changed service with what was given to it before where the client leaves that out, and
 * without what services of its new type do not have where the client left that in.
 *
 * @see Kubernetes pkg/registry/core/service, patchAllocatedValues and dropTypeDependentFields
 */
export function keepAllocated(old: KubeObject, submitted: KubeObject): KubeObject {
  const before = serviceSpec(old)
  const addressed = withAddresses(before, renamed(before, serviceSpec(submitted)))
  const ported = withHealthPort(before, withNodePorts(before, addressed))
  return withServiceSpec(submitted, withFamilies(withoutOfType(before, ported)))
}

/** Where the client changes `clusterIP` alone, as older ones do, it means `clusterIPs`, too. */
function renamed(before: JsonObject, spec: JsonObject): JsonObject {
  const one = textAt(spec, 'clusterIP')
  const [was, is] = [textsAt(before, 'clusterIPs'), textsAt(spec, 'clusterIPs')]
  const alone = one !== '' && one !== textAt(before, 'clusterIP') && was.join() === is.join()
  return alone ? { ...spec, clusterIPs: [one] } : spec
}

function withHealthPort(before: JsonObject, spec: JsonObject): JsonObject {
  const kept = isChecked(before) ? numberAt(before, 'healthCheckNodePort') : 0
  if (kept === 0 || !isChecked(spec) || numberAt(spec, 'healthCheckNodePort') !== 0) return spec
  return { ...spec, healthCheckNodePort: kept }
}

/** What only some types have, and for which of them there is a use. */
const ofType = {
  allocateLoadBalancerNodePorts: isBalanced,
  loadBalancerClass: isBalanced,
  externalTrafficPolicy: isOpen,
  healthCheckNodePort: isChecked,
} as const

function withoutOfType(before: JsonObject, spec: JsonObject): JsonObject {
  const isLeft = ([field, has]: readonly [string, (spec: JsonObject) => boolean]) =>
    has(before) && !has(spec) && before[field] === spec[field]
  const left = new Map(Object.entries(ofType).filter(isLeft))
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !left.has(field)))
}

function isBalanced(spec: JsonObject): boolean {
  return textAt(spec, 'type') === 'LoadBalancer'
}

function withAddresses(before: JsonObject, spec: JsonObject): JsonObject {
  const [was, is] = [clusterIps(before), clusterIps(spec)]
  if (!hasClusterIp(before)) return spec
  if (hasClusterIp(spec)) return { ...spec, ...keptAddresses(before, spec) }
  if (is[0] !== was[0]) return spec
  return Object.fromEntries(Object.entries(spec).filter(([key]) => !addressFields.has(key)))
}

/** What there was where the client leaves it out; several addresses without the first are none. */
function keptAddresses(before: JsonObject, spec: JsonObject): JsonObject {
  const [had, was] = [textAt(before, 'clusterIP'), textsAt(before, 'clusterIPs')]
  const [one, several] = [textAt(spec, 'clusterIP') || had, textsAt(spec, 'clusterIPs')]
  const isLeft =
    several.length === 0 || (textAt(spec, 'clusterIP') === '' && several.join() === was.join())
  return {
    clusterIP: one,
    ...(one === had && isLeft ? { clusterIPs: [...was] } : {}),
    ipFamilyPolicy: textAt(spec, 'ipFamilyPolicy') || textAt(before, 'ipFamilyPolicy'),
  }
}

function withNodePorts(before: JsonObject, spec: JsonObject): JsonObject {
  const known = new Map(portsOf(before).map((port) => [portKey(port), numberAt(port, 'nodePort')]))
  return mapList(spec, 'ports', (port) => {
    const kept = known.get(portKey(port)) ?? 0
    const given = numberAt(port, 'nodePort')
    if (hasNodePorts(spec)) return given === 0 && kept !== 0 ? { ...port, nodePort: kept } : port
    if (given === 0 || given !== kept) return port
    const { nodePort: _nodePort, ...rest } = port
    return rest
  })
}

function portKey(port: JsonObject): string {
  return `${textAt(port, 'protocol')}/${numberAt(port, 'port')}`
}
